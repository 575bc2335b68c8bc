/// Finds the endpoint of a request and lets it answer. Every failure is an answer too.
package struct ControlRouter: Sendable {
    private let endpoints: [String: [Endpoint]]

    package init(_ endpoints: [Endpoint]) {
        self.endpoints = Dictionary(grouping: endpoints, by: \.path)
    }

    /// The endpoints that belong to these parts.
    package func serving(_ parts: Set<ServedPart>) -> ControlRouter {
        ControlRouter(endpoints.values.joined().filter { $0.part.map(parts.contains) ?? false })
    }

    /// What a request has to show at a TCP listener. A path that is not known is for those with the token.
    func access(_ request: ControlRequest) -> Endpoint.Access {
        let known = endpoints[request.path] ?? []
        let method = method(of: request)
        return (known.first { $0.method.rawValue == method } ?? known.first)?.access ?? .token
    }

    func answer(_ request: ControlRequest) async -> ControlAnswer {
        do {
            return try await endpoint(of: request).answer(request)
        } catch let error as ControlError {
            return answer(error, to: request)
        } catch {
            return ControlError(.failed, "\(error)", hint: "the service's log may say more").answer
        }
    }

    /// A `HEAD` is answered as a `GET`, and the server leaves out the body.
    private func method(of request: ControlRequest) -> String { request.method == "HEAD" ? "GET" : request.method }

    private func endpoint(of request: ControlRequest) throws(ControlError) -> Endpoint {
        guard let known = endpoints[request.path] else {
            throw ControlError(
                .unknownPath,
                "there is no such path",
                hint: "the paths are: \(endpoints.keys.sorted().joined(separator: ", "))"
            )
        }
        let method = method(of: request)
        guard let endpoint = known.first(where: { $0.method.rawValue == method }) else {
            throw ControlError(
                .wrongMethod,
                "\(request.path) does not take this method",
                hint: "use \(known.map(\.method.rawValue).joined(separator: " or "))"
            )
        }
        return endpoint
    }

    private func answer(_ error: ControlError, to request: ControlRequest) -> ControlAnswer {
        var answer = error.answer
        if error.code == .wrongMethod {
            answer.allowed = (endpoints[request.path] ?? []).flatMap { endpoint in
                endpoint.method == .get ? ["GET", "HEAD"] : [endpoint.method.rawValue]
            }
        }
        return answer
    }
}
