import Pipeline

/// What became of a wish to read the configuration again.
package enum ReloadOutcome: Sendable, Equatable {
    /// It is in force, with these folders. What changed below the keys of `atNextStart` has to wait for that.
    case taken(folders: [String], atNextStart: [String] = [])
    /// It is refused for these problems, and the old one stays.
    case refused(String)
}

extension Endpoint {
    /// `POST /api/v1/reload`: reads the configuration again, as SIGHUP does, and answers with the outcome.
    package static func reload(_ act: @escaping @Sendable () async throws -> ReloadOutcome) -> Endpoint {
        Endpoint(.post, "/api/v1/reload") { request in
            _ = try request.object()
            switch try await act() {
            case .taken(let folders, let keys):
                return .json(
                    .object([
                        "reloaded": .bool(true),
                        "folders": .array(folders.map(JSON.string)),
                        "atNextStart": keys.isEmpty ? nil : .array(keys.map(JSON.string)),
                    ])
                )
            case .refused(let problems):
                throw ControlError(
                    .invalidConfiguration,
                    problems,
                    hint: "the old configuration stays in force: mend the file, then reload again"
                )
            }
        }
    }
}
