import Pipeline

extension Endpoint {
    /// `POST /api/v1/rescan`: looks through folders anew. Answers when the scans have begun.
    ///
    /// In `silent` are folders whose file system does not answer. They are looked through once it does.
    package static func rescan(
        _ act: @escaping @Sendable (ActionScope) async throws -> (begun: [String], silent: [String])
    ) -> Endpoint {
        Endpoint(.post, "/api/v1/rescan", part: .page, access: .session(.act)) { request in
            let scope = try request.scope()
            let report = try await ControlError.answering { try await act(scope) }
            return .json(
                .object([
                    "rescanned": .array(report.begun.map(JSON.string)),
                    "silent": .array(report.silent.map(JSON.string)),
                ])
            )
        }
    }
}
