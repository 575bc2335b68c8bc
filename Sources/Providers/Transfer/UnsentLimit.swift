import Glibc
import NIOCore

/// Bounds what the kernel holds of a body before it sends it, so that ``ProgressWatch`` sees the progress of the wire.
///
/// A chunk counts as progress when it is taken, and it is taken when the send buffer has room. The kernel lets that
/// grow to some MiB, and calls it writable only when a third of it is free: a slow upload would move in lumps, with long
/// silences between them, and a longer one after the last byte. `TCP_NOTSENT_LOWAT` (tcp(7)) bounds the part that was
/// not sent yet. What stays hidden is what is on the wire and in the receiver's own buffers: to bound that, too
/// (`SO_SNDBUF`), would make long lines slow.
enum UnsentLimit {
    /// Enough that the wire does not run dry while the next chunk is read: what was sent does not count.
    private static let bytes: SocketOptionValue = 128 << 10

    /// For async-http-client's `http1_1ConnectionDebugInitializer`. Never fails: a connection that does not take the
    /// option uploads all the same.
    static func set(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.setOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_NOTSENT_LOWAT)), value: bytes)
            .flatMapError { _ in channel.eventLoop.makeSucceededVoidFuture() }
    }
}
