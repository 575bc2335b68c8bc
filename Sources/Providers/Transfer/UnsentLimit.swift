import Glibc
import NIOCore

/// Bounds the unsent bytes that the kernel holds, so ``ProgressWatch`` sees the progress of the wire.
///
/// A chunk counts as progress when the client takes it, and the client takes it when the send buffer has room. The
/// kernel lets the send buffer grow to some MiB, and calls it writable only when a third is free. A slow upload would
/// then move in lumps, with long silences between them, and a longer one after the last byte.
///
/// `TCP_NOTSENT_LOWAT` (tcp(7)) bounds the part that was not sent yet. Bytes on the wire and in the receiver's own
/// buffers stay hidden. Bounding those too (`SO_SNDBUF`) would make long lines slow.
enum UnsentLimit {
    /// Enough to feed the wire while the next chunk is read, as bytes already sent do not count.
    private static let bytes: SocketOptionValue = 128 << 10

    /// Sets the limit on a connection, for async-http-client's `http1_1ConnectionDebugInitializer`.
    ///
    /// Never fails: a connection that refuses the option uploads all the same.
    static func set(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.setOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_NOTSENT_LOWAT)), value: bytes)
            .flatMapError { _ in channel.eventLoop.makeSucceededVoidFuture() }
    }
}
