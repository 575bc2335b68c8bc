import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Threads

/// An HTTP server that answers as a test tells it, odd answers included. It keeps every request byte for byte.
package final class ScriptedServer: Sendable {
    /// One request as it came.
    package struct Request: Sendable {
        package let method: String
        package let path: String
        /// The text after the `?`, as it came. Nil if there is none.
        package let query: String?
        package let headers: [(name: String, value: String)]
        package var body: [UInt8] = []

        /// All values of a header. Its name is compared without case.
        package func values(of name: String) -> [String] {
            headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        }
    }

    /// What the server does with one request.
    package enum Reply: Sendable {
        /// Answers when the request is complete.
        case answer(Int, headers: [(String, String)] = [], body: [UInt8] = [])
        /// Answers when `after` bytes of the body are there, and takes no more of the body. `closes` also ends the
        /// connection.
        case early(Int, after: Int, body: [UInt8] = [], closes: Bool)
        /// Resets the connection when `after` bytes of the body are there.
        case reset(after: Int)
        /// Reads no more of the connection when `after` bytes of the body are there.
        case stopReading(after: Int)
        /// Takes the whole request and never answers.
        case silence
        /// Answers the head of a 200 with a length of 1000, ten bytes of the body, and nothing more.
        case halfAnAnswer
        /// Writes these bytes in place of an answer and closes.
        case garbage([UInt8])

        /// An answer with a text as its body.
        package static func text(_ status: Int, _ text: String, headers: [(String, String)] = []) -> Reply {
            .answer(status, headers: headers, body: Array(text.utf8))
        }
    }

    private let received = Monitor([Request]())
    private let script: @Sendable (Request, Int) -> Reply
    private let port = Mutex(0)

    private let isSecure: Bool

    private init(isSecure: Bool, script: @escaping @Sendable (Request, Int) -> Reply) {
        self.isSecure = isSecure
        self.script = script
    }

    /// `http://127.0.0.1:…`, or `https://`, without a slash at its end.
    package var url: String { url(host: "127.0.0.1") }

    /// The same URL under another host name.
    package func url(host: String) -> String { "\(isSecure ? "https" : "http")://\(host):\(port.withLock { $0 })" }

    /// Requests so far, in the order their heads came. The body of a request under way is as far as it has come.
    package var requests: [Request] { received.read { $0 } }

    /// Runs `body` beside a server that gives the n-th request (from 0) the n-th reply. The last reply repeats. With
    /// `tls` the server speaks nothing but TLS.
    package static func run<Result: Sendable>(
        _ replies: Reply...,
        tls: TLSConfiguration? = nil,
        body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        try await run({ _, index in replies[min(index, replies.count - 1)] }, tls: tls, body: body)
    }

    /// Runs `body` beside a server that runs `script` on each request's head and its number, from 0, for the reply.
    package static func run<Result: Sendable>(
        _ script: @escaping @Sendable (Request, Int) -> Reply,
        tls: TLSConfiguration? = nil,
        body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let server = ScriptedServer(isSecure: tls != nil, script: script)
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let group = MultiThreadedEventLoopGroup.singleton
        let children = Mutex([any Channel]())
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    children.withLock { $0.append(channel) }
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withPipeliningAssistance: false,
                        withErrorHandling: false
                    )
                    try channel.pipeline.syncOperations.addHandler(ScriptedConnection(server: server))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        server.port.withLock { $0 = channel.localAddress?.port ?? 0 }
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        try? await channel.close()
        for child in children.withLock({ $0 }) { try? await child.close() }
        return try result.get()
    }

    /// Waits until `count` requests have begun. Throws when the task is cancelled, as by its test's time limit.
    package func waitForRequests(_ count: Int) async throws {
        try await received.wait { $0.count >= count }
    }

    /// The TLS configuration of a server with this certificate (PEM). By default it speaks versions 1.2 and 1.3.
    package static func tls(
        certificate: String,
        key: String,
        from oldest: TLSVersion = .tlsv12,
        to newest: TLSVersion = .tlsv13
    ) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        )
        configuration.minimumTLSVersion = oldest
        configuration.maximumTLSVersion = newest
        return configuration
    }

    fileprivate func begin(_ request: Request) -> (Int, Reply) {
        let index = received.change { requests in
            requests.append(request)
            return requests.count - 1
        }
        return (index, script(request, index))
    }

    /// Keeps a piece of a body. Returns how many bytes of the body there are by now.
    fileprivate func note(_ bytes: ByteBuffer, of index: Int) -> Int {
        received.change { requests in
            requests[index].body.append(contentsOf: bytes.readableBytesView)
            return requests[index].body.count
        }
    }
}

/// One connection of a ``ScriptedServer``.
private final class ScriptedConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: ScriptedServer
    private var current: (index: Int, reply: ScriptedServer.Reply)?
    /// The reply has been carried out, even if more of the request comes.
    private var isDone = false

    init(server: ScriptedServer) {
        self.server = server
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            let halves = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            current = server.begin(
                ScriptedServer.Request(
                    method: head.method.rawValue,
                    path: String(halves[0]),
                    query: halves.count > 1 ? String(halves[1]) : nil,
                    headers: head.headers.map { ($0.name, $0.value) }
                )
            )
            isDone = false
            act(context, received: 0)
        case .body(let bytes):
            guard let current, !isDone else { return }
            act(context, received: server.note(bytes, of: current.index))
        case .end:
            finish(context)
        }
    }

    /// Answers bytes that are no HTTP, such as the beginning of TLS, as servers do.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else { return context.close(promise: nil) }
        write(Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".utf8), beneathEncoderOf: context)
    }

    /// Writes bytes beneath the HTTP encoder, which would not let them pass, and closes.
    private func write(_ bytes: [UInt8], beneathEncoderOf context: ChannelHandlerContext) {
        context.pipeline.context(handlerType: HTTPResponseEncoder.self).assumeIsolated().whenSuccess { encoder in
            encoder.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
            encoder.close(promise: nil)
        }
    }

    /// Carries out the replies that do not wait for the end of the request.
    private func act(_ context: ChannelHandlerContext, received: Int) {
        switch current?.reply {
        case .early(let status, let after, let body, let closes) where received >= after:
            isDone = true
            write(context, status, [], body, closes: closes)
        case .reset(let after) where received >= after:
            isDone = true
            _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            context.close(promise: nil)
        case .stopReading(let after) where received >= after:
            isDone = true
            context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
        default: break
        }
    }

    private func finish(_ context: ChannelHandlerContext) {
        guard !isDone else { return }
        switch current?.reply {
        case .answer(let status, let headers, let body):
            write(context, status, headers, body, closes: false)
        case .halfAnAnswer:
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "1000"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "{\"a\": 1234")))), promise: nil)
        case .garbage(let bytes): write(bytes, beneathEncoderOf: context)
        default: break
        }
    }

    private func write(
        _ context: ChannelHandlerContext,
        _ status: Int,
        _ headers: [(String, String)],
        _ body: [UInt8],
        closes: Bool
    ) {
        var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status))
        head.headers = HTTPHeaders(headers)
        let hasNoBody = status == 204 || status == 304
        if !hasNoBody { head.headers.replaceOrAdd(name: "Content-Length", value: String(body.count)) }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !hasNoBody { context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil) }
        let written = context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        if closes { written.futureResult.whenComplete { _ in channel.close(promise: nil) } }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }
}
