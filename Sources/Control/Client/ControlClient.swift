import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Pipeline
import SystemPackage

/// Asks the running service at its control socket.
package struct ControlClient: Sendable {
    package let socket: FilePath
    /// The most bytes of one whole answer.
    private static let most = 64 << 20

    /// One for the process, and never shut down: it keeps no work that could be lost. The library's shared client would
    /// try for the whole patience to reach a socket that is not there.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.redirectConfiguration = .disallow
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    package init(_ socket: FilePath) {
        self.socket = socket
    }

    /// The JSON answer to a GET. `query` has names and values that are not encoded.
    ///
    /// - Throws: ``ControlTrouble``.
    package func get(
        _ path: String,
        query: [(name: String, value: [UInt8])] = [],
        within patience: Duration = .seconds(30)
    ) async throws(ControlTrouble) -> JSON {
        try await json(of: request(path, query), within: patience)
    }

    /// The JSON answer to a POST.
    ///
    /// - Throws: ``ControlTrouble``.
    package func post(
        _ path: String,
        _ body: JSON,
        within patience: Duration = .seconds(30)
    ) async throws(ControlTrouble) -> JSON {
        var request = request(path, [])
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: body.json))
        return try await json(of: request, within: patience)
    }

    /// The lines of a streamed answer, as they come. Ends when the service ends the answer.
    ///
    /// - Throws: ``ControlTrouble``, and what `take` throws.
    package func lines(
        of path: String,
        query: [(name: String, value: [UInt8])] = [],
        headers: [(String, String)] = [],
        _ take: (String) async throws -> Void
    ) async throws {
        var request = request(path, query)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await send(request, deadline: .distantFuture)
        guard response.status == .ok else { throw try await refusal(response) }
        var rest: [UInt8] = []
        do {
            for try await piece in response.body {
                var bytes = Array(buffer: piece)[...]
                while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                    rest += bytes[..<end]
                    try await take(String(decoding: rest, as: UTF8.self))
                    rest = []
                    bytes = bytes[(end + 1)...]
                }
                rest += bytes
            }
        } catch let error as HTTPClientError {
            throw ControlTrouble.brokenOff("\(error)")
        }
    }

    private func request(_ path: String, _ query: [(name: String, value: [UInt8])]) -> HTTPClientRequest {
        let place = PercentCode.encode(socket.bytes)
        let pairs = query.map { "\($0.name)=\(PercentCode.encode($0.value, keeping: "/"))" }
        let tail = pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
        var request = HTTPClientRequest(url: "http+unix://\(place)\(path)\(tail)")
        request.headers.add(name: "Host", value: SocketGuard.host)
        return request
    }

    private func json(of request: HTTPClientRequest, within patience: Duration) async throws(ControlTrouble) -> JSON {
        let response = try await send(request, deadline: .now() + TimeAmount(patience))
        guard response.status == .ok else { throw try await refusal(response) }
        let bytes = try await body(of: response)
        // A service that ends breaks off its long answers before they begin.
        if bytes.isEmpty { throw .brokenOff("it is empty") }
        guard let value = try? JSONReader.value(of: bytes[...]) else {
            throw .strange("the answer of \(socket) is no JSON")
        }
        return value
    }

    private func send(
        _ request: HTTPClientRequest,
        deadline: NIODeadline
    ) async throws(ControlTrouble) -> HTTPClientResponse {
        do {
            return try await Self.http.execute(request, deadline: deadline)
        } catch {
            throw ControlTrouble(error, socket)
        }
    }

    private func body(of response: HTTPClientResponse) async throws(ControlTrouble) -> [UInt8] {
        do {
            return Array(buffer: try await response.body.collect(upTo: Self.most))
        } catch {
            throw ControlTrouble(error, socket)
        }
    }

    /// What an answer with another status than 200 says.
    private func refusal(_ response: HTTPClientResponse) async throws(ControlTrouble) -> ControlTrouble {
        let bytes = try await body(of: response)
        let error = (try? JSONReader.value(of: bytes[...]))?.members?["error"]?.members
        guard let code = error?["code"]?.string, let message = error?["message"]?.string else {
            return .strange("\(socket) answered with status \(response.status.code)")
        }
        return .refused(code: code, message: message, hint: error?["hint"]?.string ?? "")
    }
}
