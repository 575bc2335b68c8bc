import Glibc
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// One port: Hummingbird on the outside, a ``RequestHandler`` on the inside.
struct Listener: Service {
    let listener: SandboxListener
    let host: String
    let port: Int
    let handler: any RequestHandler
    let board: AddressBoard
    let logger: Logger

    func run() async throws {
        let application = Application(
            responder: CallbackResponder<ConnectionContext> { request, context in
                await respond(to: request, context: context)
            },
            configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { channel in board.bound(listener, port: channel.localAddress?.port ?? port) },
            logger: logger
        )
        do {
            try await application.run()
        } catch let error as IOError {
            let taken = error.errnoCode == EADDRINUSE
            throw SandboxError(
                kind: taken ? .portTaken(listener, port: port) : .cannotBind(listener, port: port),
                reason: taken
                    ? "port \(port) on \(host) is taken, so \(listener.rawValue) cannot listen there"
                    : "\(listener.rawValue) cannot listen on \(host) port \(port): \(error)"
            )
        }
    }

    private func respond(to request: Request, context: ConnectionContext) async -> Response {
        let answer = await handler.answer(IncomingRequest(request))
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPFields.Element.Name(name) { headers.append(.init(name: name, value: value)) }
        }
        let status = HTTPResponse.Status(code: answer.status)
        switch answer.body {
        case .bytes(let bytes):
            return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        case .file(let path):
            guard let body = try? await FileIO().loadFile(path: path, context: context) else {
                return Response(status: .notFound)
            }
            return Response(status: status, headers: headers, body: body)
        case .reset:
            await context.reset()
            // Nobody reads this: the connection is gone.
            return Response(status: .internalServerError)
        }
    }
}

/// Hummingbird's context of one request, with the connection that the request came over.
struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Ends the connection so that the client sees a reset, not an orderly end. With a linger time of zero, close(2)
    /// sends RST (see socket(7), SO_LINGER).
    func reset() async {
        let abrupt = linger(l_onoff: 1, l_linger: 0)
        try? await (channel as? any SocketOptionProvider)?.setSoLinger(abrupt).get()
        try? await channel.close(mode: .all).get()
    }
}

extension IncomingRequest {
    /// Takes a request out of Hummingbird's types.
    init(_ request: Request) {
        method = request.method.rawValue
        path = request.uri.path
        var query: [String: String] = [:]
        for (name, value) in request.uri.queryParameters where query[String(name)] == nil {
            query[String(name)] = String(value)
        }
        self.query = query
        var headers: [String: String] = [:]
        for field in request.headers {
            let name = field.name.canonicalName
            headers[name] = headers[name].map { "\($0), \(field.value)" } ?? field.value
        }
        self.headers = headers
        host = request.head.authority.map(IncomingRequest.withoutPort)
        body = IncomingBody(request.body)
    }

    /// Turns `localhost:4100` into `localhost`, and `[::1]:4100` into `[::1]`.
    static func withoutPort(_ authority: String) -> String {
        guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else { return authority }
        return String(authority[..<colon])
    }
}
