import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Pipeline
import Threads

/// Asks a server for its certificates once more, to name the fault in them.
///
/// The library reports a bad certificate without its fault. The inquiry sends nothing but a handshake. It breaks the
/// handshake off when the certificates have come, good or bad.
struct CertificateInquiry: Sendable {
    let loop: any EventLoop
    /// The addresses of names that are not looked up.
    let addresses: [String: String]
    let patience: Duration

    /// The sentence about a server with a refused certificate.
    func words(_ failure: TLSFailure, of url: String) async -> String {
        await certificates(of: url).words(
            failure,
            host: URLText.host(url),
            at: .now(),
            hasSystemAuthorities: Self.hasSystemAuthorities
        )
    }

    /// The server's certificates; none if it cannot be asked any more.
    private func certificates(of url: String) async -> CertificateFacts {
        let seen = SeenCertificates()
        guard let (host, port) = Self.place(of: url), let context = try? NIOSSLContext(configuration: Self.blind) else {
            return CertificateFacts(certificates: [])
        }
        let target = addresses[host] ?? host
        let ended = loop.makePromise(of: Void.self)
        let connection = ClientBootstrap(group: loop)
            .connectTimeout(.milliseconds(patience.milliseconds))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try NIOSSLClientHandler(
                        context: context,
                        serverHostname: IPAddress(host) == nil ? host : nil,
                        customVerificationCallback: { certificates, verdict in
                            seen.keep(certificates)
                            verdict.succeed(.failed)
                        }
                    )
                    try channel.pipeline.syncOperations.addHandlers([handler, HandshakeEnd(ended)])
                }
            }
            .connect(host: target, port: port)
        connection.whenFailure { _ in ended.succeed() }
        connection.whenSuccess { $0.closeFuture.whenComplete { _ in ended.succeed() } }
        let limit = loop.scheduleTask(in: .milliseconds(patience.milliseconds)) { ended.succeed() }
        try? await ended.futureResult.get()
        limit.cancel()
        connection.whenSuccess { $0.close(promise: nil) }
        return CertificateFacts(seen.certificates)
    }

    /// The host, without brackets, and the port.
    private static func place(of url: String) -> (host: String, port: Int)? {
        guard let origin = URLOrigin(url) else { return nil }
        let authority = URLText.host(url)
        let host =
            authority.hasPrefix("[")
            ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        return (String(host), Int(origin.port))
    }

    /// The TLS configuration of the inquiry. The callback sees any certificate and ends the handshake.
    private static var blind: TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        return configuration
    }

    /// Has this machine a bundle of authorities where NIOSSL looks for it on Linux (seen in 2.37, `LinuxCABundle`)?
    private static var hasSystemAuthorities: Bool {
        let places: [String] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]
        return places.contains { access($0, R_OK) == 0 }
    }
}

/// The certificates that have come so far.
private final class SeenCertificates: Sendable {
    private let state = Mutex<[NIOSSLCertificate]>([])

    var certificates: [NIOSSLCertificate] { state.withLock { $0 } }

    func keep(_ certificates: [NIOSSLCertificate]) {
        state.withLock { $0 = certificates }
    }
}

/// Reports the end of a handshake, and closes its connection.
private final class HandshakeEnd: ChannelInboundHandler {
    typealias InboundIn = Any

    private let ended: EventLoopPromise<Void>

    init(_ ended: EventLoopPromise<Void>) {
        self.ended = ended
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ended.succeed()
        context.close(promise: nil)
    }
}
