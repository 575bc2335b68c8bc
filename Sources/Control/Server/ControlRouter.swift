/// Finds the endpoint of a request and lets it answer. Every failure is an answer too.
package struct ControlRouter: Sendable {
    private let endpoints: [String: [Endpoint]]
    /// The paths with a variable, with what is before and behind it.
    private let patterns: [(path: String, before: String, behind: String)]

    package init(_ endpoints: [Endpoint]) {
        self.endpoints = Dictionary(grouping: endpoints, by: \.path)
        patterns = self.endpoints.keys.sorted().compactMap { path in
            path.firstRange(of: Endpoint.variable).map {
                (path, String(path[..<$0.lowerBound]), String(path[$0.upperBound...]))
            }
        }
    }

    /// The endpoints that belong to these parts.
    package func serving(_ parts: Set<ServedPart>) -> ControlRouter {
        ControlRouter(endpoints.values.joined().filter { $0.part.map(parts.contains) ?? false })
    }

    /// What a request has to show at a TCP listener. A path that is not known is for those with the token.
    func access(_ request: ControlRequest) -> Endpoint.Access {
        let known = known(at: request.path)?.endpoints ?? []
        let method = method(of: request)
        return (known.first { $0.method.rawValue == method } ?? known.first)?.access ?? .token
    }

    /// Whether an endpoint takes the body of such a request as it comes. `target` may have a query.
    func takesBytes(_ method: String, at target: String) -> Bool {
        let known = known(at: String(target.prefix { $0 != "?" }))?.endpoints ?? []
        return known.contains { $0.method.rawValue == method && $0.access.takesBytes }
    }

    func answer(_ request: ControlRequest) async -> ControlAnswer {
        do {
            let (endpoint, variable) = try endpoint(of: request)
            var request = request
            request.variable = variable
            return try await endpoint.answer(request)
        } catch let error as ControlError {
            return answer(error, to: request)
        } catch {
            return ControlError(.failed, "\(error)", hint: "the service's log may say more").answer
        }
    }

    /// A `HEAD` is answered as a `GET`, and the server leaves out the body.
    private func method(of request: ControlRequest) -> String { request.method == "HEAD" ? "GET" : request.method }

    /// What answers at a path, and the text in place of its variable.
    private func known(at path: String) -> (endpoints: [Endpoint], variable: Substring?)? {
        if let known = endpoints[path] { return (known, nil) }
        for pattern in patterns where path.hasPrefix(pattern.before) && path.hasSuffix(pattern.behind) {
            let text = path.dropFirst(pattern.before.count).dropLast(pattern.behind.count)
            guard path.count > pattern.before.count + pattern.behind.count, !text.contains("/") else { continue }
            return endpoints[pattern.path].map { ($0, text) }
        }
        return nil
    }

    private func endpoint(of request: ControlRequest) throws(ControlError) -> (Endpoint, String?) {
        guard let (known, variable) = known(at: request.path) else {
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
        guard let variable else { return (endpoint, nil) }
        guard let bytes = PercentCode.decode(String(variable)), let text = String(validating: bytes, as: UTF8.self)
        else {
            throw ControlError(.malformed, "\(variable) in the path is no UTF-8", hint: "percent-encode it")
        }
        return (endpoint, text)
    }

    private func answer(_ error: ControlError, to request: ControlRequest) -> ControlAnswer {
        var answer = error.answer
        if error.code == .wrongMethod {
            answer.allowed = (known(at: request.path)?.endpoints ?? []).flatMap { endpoint in
                endpoint.method == .get ? ["GET", "HEAD"] : [endpoint.method.rawValue]
            }
        }
        return answer
    }
}
