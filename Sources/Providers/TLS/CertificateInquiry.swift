import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Pipeline
import Threads

/// Asks a server for its certificates once more, to tell what is wrong with them: the library says of a bad one no more than
/// that it is bad.
///
/// Nothing is sent but a handshake, which is broken off as soon as the certificates have come, whatever they are.
struct CertificateInquiry: Sendable {
    let loop: any EventLoop
    /// Addresses of names that are not looked up.
    let addresses: [String: String]
    let patience: Duration

    /// The sentence about a server whose certificate was refused.
    func words(_ failure: TLSFailure, of url: String) async -> String {
        await certificates(of: url).words(
            failure,
            host: URLText.host(url),
            at: .now(),
            hasSystemAuthorities: Self.hasSystemAuthorities
        )
    }

    /// None where it cannot be asked any more.
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

    /// Host, without brackets, and port.
    private static func place(of url: String) -> (host: String, port: Int)? {
        guard let origin = URLOrigin(url) else { return nil }
        let authority = URLText.host(url)
        let host =
            authority.hasPrefix("[")
            ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        return (String(host), Int(origin.port))
    }

    /// Takes any certificate, to look at it; the callback ends the handshake.
    private static var blind: TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        return configuration
    }

    /// Where NIOSSL looks for the system's authorities on Linux (seen in 2.37, `LinuxCABundle`).
    private static var hasSystemAuthorities: Bool {
        let places: [String] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]
        return places.contains { access($0, R_OK) == 0 }
    }
}

/// The certificates that came, if they came.
private final class SeenCertificates: Sendable {
    private let state = Mutex<[NIOSSLCertificate]>([])

    var certificates: [NIOSSLCertificate] { state.withLock { $0 } }

    func keep(_ certificates: [NIOSSLCertificate]) {
        state.withLock { $0 = certificates }
    }
}

/// Tells the end of a handshake, and ends its connection with it.
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
