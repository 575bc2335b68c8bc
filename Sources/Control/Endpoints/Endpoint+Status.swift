extension Endpoint {
    /// `GET /api/v1/status`: ``StatusReport``.
    package static func status(_ read: @escaping @Sendable () async throws -> ServiceFacts) -> Endpoint {
        Endpoint(.get, "/api/v1/status", part: .page, access: .session(.look)) { request in
            try request.query.allow()
            let report = StatusReport(try await read())
            return ControlAnswer(contentType: "application/json", body: Array((report.json + "\n").utf8))
        }
    }
}
