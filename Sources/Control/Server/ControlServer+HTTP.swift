import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Threads

// Between Hummingbird's types and ours.

extension ControlServer {
    func respond(to request: Request) async -> Response {
        let answer = await answerBeforeEnd(to: request)
        let isHead = request.method == .head
        return Response(
            status: .init(code: answer.status),
            headers: answer.head().headerFields,
            body: isHead ? .init() : .init(byteBuffer: ByteBuffer(bytes: answer.body))
        )
    }

    /// The answer. An endpoint that is still at work when the service ends is broken off after the farewell.
    private func answerBeforeEnd(to request: Request) async -> ControlAnswer {
        await withTaskGroup(of: ControlAnswer?.self) { group in
            group.addTask { await answer(to: request) }
            group.addTask {
                guard (try? await gracefulShutdown()) != nil else { return nil }
                try? await rest(for: limits.farewell)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? ControlError(.failed, "the service ends", hint: "ask again when it runs").answer
        }
    }

    private func answer(to request: Request) async -> ControlAnswer {
        do throws(ControlError) {
            return await router.answer(try await taken(request))
        } catch {
            return error.answer
        }
    }

    /// Reads a request whole. The guard comes first: a stranger's body is not read.
    private func taken(_ request: Request) async throws(ControlError) -> ControlRequest {
        let headers =
            request.headers.map { ControlRequest.Header($0.name.rawName, $0.value) }
            + (request.head.authority.map { [.init("host", $0)] } ?? [])
        guard let target = request.head.path, target.hasPrefix("/") else {
            throw ControlError(.malformed, "the request's target is no path", hint: "send a path, such as /healthz")
        }
        let path = String(target.prefix { $0 != "?" && $0 != "#" })
        let head = ControlRequest(request.method.rawValue, path, headers: headers)
        try RequestGuard.check(head)
        return ControlRequest(head.method, path, headers: headers, body: try await body(of: request))
    }

    private func body(of request: Request) async throws(ControlError) -> [UInt8] {
        do {
            return Array(buffer: try await request.body.collect(upTo: limits.body))
        } catch is NIOTooManyBytesError {
            throw ControlError(
                .tooLarge,
                "the body has more than \(limits.body) bytes",
                hint: "send less in one request"
            )
        } catch {
            throw ControlError(.malformed, "the request did not arrive whole", hint: "send it again")
        }
    }
}

extension ControlAnswer {
    /// The answer's head in HTTP. `closing`: the connection ends after it.
    func head(closing: Bool = false) -> HTTPResponse {
        var fields = HTTPFields()
        fields[.contentType] = contentType
        fields[.contentLength] = "\(body.count)"
        fields[.cacheControl] = "no-store"
        if !allowed.isEmpty { fields[.allow] = allowed.joined(separator: ", ") }
        if closing { fields[.connection] = "close" }
        return HTTPResponse(status: .init(code: status), headerFields: fields)
    }
}
