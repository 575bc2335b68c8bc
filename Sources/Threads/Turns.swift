/// Lets one caller at a time do work that waits, in order of arrival. An actor is not enough: while one call awaits,
/// another one runs.
package final class Turns: Sendable {
    private let isTaken = Monitor(false)

    package init() {}

    /// Waits for the caller's turn, then runs `body`. A cancelled task waits for its turn, too. `body` must check for
    /// cancellation itself.
    package func run<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        await isTaken.stay { isTaken in
            defer { isTaken = true }
            return !isTaken
        }
        defer { isTaken.change { $0 = false } }
        return try await body()
    }
}
