extension Endpoint {
    /// `GET /metrics`: what was counted so far and what `read` tells now, for Prometheus.
    package static func metrics(
        _ registry: MetricRegistry,
        read: @escaping @Sendable () async throws -> ServiceFacts
    ) -> Endpoint {
        Endpoint(.get, "/metrics", part: .metrics) { _ in
            let readings = try await read().readings + ProcessReadings.all()
            let text = MetricText.of(MetricFamily.all, registry, readings)
            return ControlAnswer(contentType: MetricText.contentType, body: Array(text.utf8))
        }
    }
}
