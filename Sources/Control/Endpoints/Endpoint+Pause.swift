import Pipeline

extension Endpoint {
    /// `POST /api/v1/pause` and `/api/v1/resume`: nothing new begins in the scope, or it goes on.
    ///
    /// The body is a scope. `act` returns the pauses that are in force then.
    package static func pause(_ act: @escaping @Sendable (ActionScope) async throws -> [Pause]) -> Endpoint {
        changingPauses("/api/v1/pause", act)
    }

    package static func resume(_ act: @escaping @Sendable (ActionScope) async throws -> [Pause]) -> Endpoint {
        changingPauses("/api/v1/resume", act)
    }

    private static func changingPauses(
        _ path: String,
        _ act: @escaping @Sendable (ActionScope) async throws -> [Pause]
    ) -> Endpoint {
        Endpoint(.post, path, part: .page, access: .session(.act)) { request in
            let scope = try request.scope()
            let pauses = try await ControlError.answering { try await act(scope) }
            return .json(.object(["paused": .array(pauses.map(\.json))]))
        }
    }
}

extension Pause {
    /// The pause in answers.
    var json: JSON {
        .object([
            "scope": .string(subject.scope),
            "name": subject.name.map(JSON.string),
            "since": .string(since.iso8601),
        ])
    }
}
