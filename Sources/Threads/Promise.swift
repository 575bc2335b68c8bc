/// A value for one waiter, given once. The waiter's own cancellation gives an error instead.
package final class Promise<Value: Sendable>: Sendable {
    private let result = Monitor<Result<Value, any Error>?>(nil)

    package init() {}

    /// What was given. Nil as long as nothing was.
    package var given: Result<Value, any Error>? { result.read { $0 } }

    /// Returns the given value, also if it was given before. Throws the given error, or `CancellationError` if the task
    /// is cancelled first.
    package func value() async throws -> Value {
        try await withTaskCancellationHandler {
            try await result.outcome { $0 }
        } onCancel: {
            give(.failure(CancellationError()))
        }
    }

    /// Gives the value or error. The first one counts; later ones are dropped.
    package func give(_ result: Result<Value, any Error>) {
        self.result.change { $0 = $0 ?? result }
    }
}
