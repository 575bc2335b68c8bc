/// A value for one waiter, given once. The waiter's own cancellation gives an error instead.
package final class Answer<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, any Error>)
        case early(Result<Value, any Error>)
        case given
    }

    private let state = Mutex(State.open)

    package init() {}

    var isGiven: Bool {
        state.withLock { state in
            switch state {
            case .open, .awaited: false
            case .early, .given: true
            }
        }
    }

    /// Returns the given value. To be called once. Calls `begin` when the waiter is in place. Throws the given error,
    /// or `CancellationError` if the task is cancelled first.
    package func value(begin: () -> Void = {}) async throws -> Value {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                wait(continuation)
                begin()
            }
        } onCancel: {
            give(.failure(CancellationError()))
        }
    }

    private func wait(_ continuation: CheckedContinuation<Value, any Error>) {
        let result = state.withLock { state -> Result<Value, any Error>? in
            if case .early(let result) = state {
                state = .given
                return result
            }
            state = .awaited(continuation)
            return nil
        }
        if let result { continuation.resume(with: result) }
    }

    /// Gives the answer. Returns whether this was the first answer; later ones are dropped.
    @discardableResult
    package func give(_ result: Result<Value, any Error>) -> Bool {
        let (isFirst, waiting) = state.withLock { state -> (Bool, CheckedContinuation<Value, any Error>?) in
            switch state {
            case .open:
                state = .early(result)
                return (true, nil)
            case .awaited(let continuation):
                state = .given
                return (true, continuation)
            case .early, .given:
                return (false, nil)
            }
        }
        waiting?.resume(with: result)
        return isFirst
    }
}
