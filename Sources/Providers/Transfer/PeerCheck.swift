import NIOCore

/// Looks at each new connection before a request goes out on it.
///
/// A name is looked up by the client when it connects. A check of the name beforehand would be open to one that answers
/// differently a moment later (DNS rebinding); the address of a connection that stands cannot change any more. Of an
/// upload, an inner machine sees nothing but the connection, and where it speaks TLS, the handshake.
enum PeerCheck {
    /// The connection's other end has no public address.
    struct InnerPeer: Error {}

    /// For async-http-client's `http1_1ConnectionDebugInitializer`, which comes after the TLS handshake and before the first
    /// request (seen in 1.37, `HTTPConnectionPool+Factory`). A failure fails the waiting requests with that error, but leaves
    /// the connection open: to close it is ours.
    static func publicPeersOnly(_ channel: any Channel) -> EventLoopFuture<Void> {
        let address = channel.remoteAddress?.ipAddress.flatMap(IPAddress.init)
        guard address?.isPublic == true else {
            channel.eventLoop.execute { channel.close(promise: nil) }
            return channel.eventLoop.makeFailedFuture(InnerPeer())
        }
        return channel.eventLoop.makeSucceededVoidFuture()
    }
}
