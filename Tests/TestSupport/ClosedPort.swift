/// A port of this machine that refuses every connection. It is bound, so that nobody else gets it, but does not listen.
///
/// A port that was merely free a moment ago may be another test's server by now.
package enum ClosedPort {
    /// Runs `body` with the port's `http://127.0.0.1:…`. Holds the port until `body` has ended.
    package static func run<Result>(_ body: (_ url: String) async throws -> Result) async throws -> Result {
        let socket = try LoopbackSocket()
        defer { withExtendedLifetime(socket) {} }
        return try await body(socket.url)
    }
}
