import NIOCore

/// Checks the address of each new connection before a request goes out on it.
///
/// The client looks up a name when it connects. A check of the name beforehand could be tricked: the name may resolve
/// differently a moment later (DNS rebinding). The address of a standing connection cannot change. So an inner machine
/// sees only the connection and perhaps a TLS handshake, and nothing of the upload.
enum PeerCheck {
    /// The other end of the connection has no public address.
    struct InnerPeer: Error {}

    /// Fails the connection if its address is not public.
    ///
    /// For async-http-client's `http1_1ConnectionDebugInitializer`. It runs after the TLS handshake and before the
    /// first request (seen in 1.37, `HTTPConnectionPool+Factory`). A failure fails the waiting requests with that error
    /// but leaves the connection open, so this function closes it.
    static func publicPeersOnly(_ channel: any Channel) -> EventLoopFuture<Void> {
        let address = channel.remoteAddress?.ipAddress.flatMap(IPAddress.init)
        guard address?.isPublic == true else {
            channel.eventLoop.execute { channel.close(promise: nil) }
            return channel.eventLoop.makeFailedFuture(InnerPeer())
        }
        return channel.eventLoop.makeSucceededVoidFuture()
    }
}
