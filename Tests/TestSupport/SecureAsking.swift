import NIOCore
import NIOPosix
import NIOSSL
import Threads

/// Asks at a port of this machine over TLS, and returns all that comes until the connection ends.
///
/// The server has to show a certificate for `localhost` by the authority (PEM).
///
/// - Throws: the error of the handshake or of the connection.
package func asked(
    port: Int,
    authority: String,
    _ target: String,
    headers: [String] = ["Host: localhost"]
) async throws -> String {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authority.utf8)))
    let context = try NIOSSLContext(configuration: configuration)
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let answer = loop.makePromise(of: String.self)
    let fields = (headers + ["Connection: close"]).map { "\($0)\r\n" }.joined()
    let channel = try await ClientBootstrap(group: loop).channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
            let tls = try NIOSSLClientHandler(context: context, serverHostname: "localhost")
            try channel.pipeline.syncOperations.addHandlers([tls, Collector(answer)])
        }
    }.connect(host: "127.0.0.1", port: port).get()
    try? await channel.writeAndFlush(ByteBuffer(string: "GET \(target) HTTP/1.1\r\n\(fields)\r\n")).get()
    return try await answer.futureResult.get()
}

/// Keeps what comes until the connection ends.
private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let answer: EventLoopPromise<String>
    private var text = ""

    init(_ answer: EventLoopPromise<String>) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.succeed(text)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}
