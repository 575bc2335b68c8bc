import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import Pipeline
import ServiceLifecycle
import Threads

/// HTTP/1.1 in front of a router, over a socket of any kind. Between Hummingbird's types and ours.
struct ControlHTTP: Sendable {
    let router: ControlRouter
    /// Looks at each request before its body is read.
    let gate: any RequestGuard
    let limits: ServerLimits
    let logger: Logger

    /// Listens once, until graceful shutdown or until the listening socket fails. Calls `opened` with the socket's
    /// address when it listens. With `tls`, connections are encrypted.
    ///
    /// - Throws: The failure of the listening socket, as `IOError` if it cannot be bound.
    func listen(
        at address: BindAddress,
        tls: TLSConfiguration? = nil,
        _ opened: @escaping @Sendable (SocketAddress?) async -> Void
    ) async throws {
        var quiet = logger
        quiet.logLevel = .critical
        let (limits, router) = (limits, router)
        let clear = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [DeadPeer(), ConnectionPatience(limits) { router.takesBytes($0, at: $1) }],
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headers,
                    maxHeaderListSize: limits.headers,
                    maxHeaderFieldCount: limits.headerFields
                )
            )
        )
        let application = Application(
            responder: CallbackResponder<LoopContext> { request, context in
                await respond(to: request, on: context.loop)
            },
            server: try tls.map { try .tls(clear, tlsConfiguration: $0) } ?? clear,
            configuration: .init(
                address: address,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: quiet)
            ),
            onServerRunning: { await opened($0.localAddress) },
            logger: quiet
        )
        try await application.run()
    }

    func respond(to request: Request, on loop: any EventLoop) async -> Response {
        let (answer, request) = await answerBeforeEnd(to: request)
        return Response(
            status: .init(code: answer.status),
            headers: answer.head().headerFields,
            body: request.method == .head ? .init() : body(of: answer, to: request, on: loop)
        )
    }

    private func body(of answer: ControlAnswer, to request: Request, on loop: any EventLoop) -> ResponseBody {
        switch answer.body {
        case .whole(let bytes): .init(byteBuffer: ByteBuffer(bytes: bytes))
        case .stream(let next) where answer.length != nil:
            // A client that has left fails the next write, and one that takes nothing is dropped. To watch for its
            // leaving would take the client's next request off the connection.
            ResponseBody { writer in
                while let piece = try await Self.next(next, on: loop) { try await writer.write(piece) }
                try await writer.finish(nil)
            }
        case .stream(let next):
            // A stream does not notice by itself that its client has left:
            // https://github.com/hummingbird-project/hummingbird/issues/618
            ResponseBody { writer in
                try await request.body.consumeWithCancellationOnInboundClose { _ in
                    while let piece = try await Self.next(next, on: loop) { try await writer.write(piece) }
                }
                try await writer.finish(nil)
            }
        }
    }

    /// The stream's next piece, once the piece before has gone to the client's buffers.
    ///
    /// The loop learns of a piece only in its next turn. So a piece that finds the buffers full holds up the next one,
    /// however late that turn comes.
    private static func next(
        _ next: @escaping @Sendable () async throws -> [UInt8]?,
        on loop: any EventLoop
    ) async throws -> ByteBuffer? {
        try await loop.submit {}.get()
        return try await beforeEnd(next).map { ByteBuffer(bytes: $0) }
    }

    /// The stream's next piece; nil at its end or when the service ends.
    private static func beforeEnd(_ next: @escaping @Sendable () async throws -> [UInt8]?) async throws -> [UInt8]? {
        do {
            return try await cancelWhenGracefulShutdown(next)
        } catch is CancellationError where Task.isShuttingDownGracefully {
            return nil
        }
    }

    /// The answer, and the request as it is then. An endpoint that is still at work when the service ends is broken off
    /// after the farewell.
    private func answerBeforeEnd(to request: Request) async -> (ControlAnswer, Request) {
        await withTaskGroup(of: (ControlAnswer, Request)?.self) { group in
            group.addTask { await answer(to: request) }
            group.addTask {
                guard (try? await gracefulShutdown()) != nil else { return nil }
                try? await rest(for: limits.farewell)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? (ControlError(.failed, "the service ends", hint: "ask again when it runs").answer, request)
        }
    }

    private func answer(to request: Request) async -> (ControlAnswer, Request) {
        var request = request
        do throws(ControlError) {
            let taken = try await taken(&request)
            return (await router.answer(taken), request)
        } catch {
            return (error.answer, request)
        }
    }

    /// Reads a request whole. The guard comes first: of a stranger's body, little or nothing is read.
    ///
    /// The request keeps its body. If a stream's answer finds a body that was read before and not kept, Hummingbird
    /// never ends its copy of it. The process ends then, as soon as the client leaves.
    private func taken(_ request: inout Request) async throws(ControlError) -> ControlRequest {
        let headers =
            request.headers.map { ControlRequest.Header($0.name.rawName, $0.value) }
            + (request.head.authority.map { [.init("host", $0)] } ?? [])
        guard let target = request.head.path, target.hasPrefix("/") else {
            throw ControlError(.malformed, "the request's target is no path", hint: "send a path, such as /healthz")
        }
        let address = target.prefix { $0 != "#" }
        let path = String(address.prefix { $0 != "?" })
        let head = ControlRequest(request.method.rawValue, path, headers: headers)
        let access = router.access(head)
        try gate.check(head, access)
        let query = try ControlQuery(address.dropFirst(path.count + 1))
        if access.takesBytes {
            var taken = ControlRequest(head.method, path, query: query, headers: headers)
            taken.bytes = coming(request) { () throws(ControlError) in try gate.check(head, access) }
            return taken
        }
        let body = try await body(of: &request, most: limits.body(for: access))
        // The body may take long to come, and whoever sends it may be logged out meanwhile.
        try gate.check(head, access)
        return ControlRequest(head.method, path, query: query, headers: headers, body: body)
    }

    /// The body, for an endpoint that takes it as it comes. `check` is made once all is there: whoever sends it may be
    /// logged out meanwhile.
    private func coming(
        _ request: Request,
        _ check: @escaping @Sendable () throws(ControlError) -> Void
    ) -> ControlRequest.ComingBytes {
        let length = request.headers[.contentLength].flatMap { Int64($0) }
        return ControlRequest.ComingBytes(length: length) { [body = request.body] take in
            var rest = length ?? 0
            var pieces = body.makeAsyncIterator()
            let torn = ControlError(.malformed, "the bytes did not all come", hint: "send them again")
            while true {
                let piece: ByteBuffer?
                do {
                    piece = try await pieces.next()
                } catch {
                    throw torn
                }
                guard let piece else { break }
                rest -= Int64(piece.readableBytes)
                try await take(Chunk(piece))
            }
            guard rest == 0 else { throw torn }
            try check()
        }
    }

    private func body(of request: inout Request, most: Int) async throws(ControlError) -> [UInt8] {
        do {
            return Array(buffer: try await request.collectBody(upTo: most))
        } catch is NIOTooManyBytesError {
            throw ControlError(
                .tooLarge,
                "the body has more than \(most) bytes",
                hint: "send less in one request"
            )
        } catch {
            throw ControlError(.malformed, "the request did not arrive whole", hint: "send it again")
        }
    }
}

/// What is known of a request beside itself.
private struct LoopContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The event loop of the request's connection.
    let loop: any EventLoop

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        loop = source.channel.eventLoop
    }
}

extension ControlAnswer {
    /// The answer's head in HTTP. `closing`: the connection ends after it.
    func head(closing: Bool = false) -> HTTPResponse {
        var fields = HTTPFields()
        fields[.contentType] = contentType
        // An answer without content that stands for one names no length (RFC 9110, section 8.6).
        switch body {
        case .whole(let bytes): if ![204, 304].contains(status) { fields[.contentLength] = "\(bytes.count)" }
        case .stream:
            // After a stream without a length, the server reads no further request at the connection.
            if let length { fields[.contentLength] = "\(length)" } else { fields[.connection] = "close" }
        }
        fields[.cacheControl] = "no-store"
        fields[.xContentTypeOptions] = "nosniff"
        for (name, value) in self.fields {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        if let challenge { fields[.wwwAuthenticate] = challenge }
        if !allowed.isEmpty { fields[.allow] = allowed.joined(separator: ", ") }
        if closing { fields[.connection] = "close" }
        return HTTPResponse(status: .init(code: status), headerFields: fields)
    }
}
