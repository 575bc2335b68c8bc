/// A state under a lock, and the tasks that wait for it to change.
///
/// - Each waiter has a condition. After each change of the state, all waiters are looked at again.
/// - A waiter goes on as soon as the state fulfils its condition. Of several such waiters, the first to come is the
///   first to go.
/// - A condition may take something from the state, and only while it is fulfilled. Then nobody else gets that.
/// - A condition is a few instructions. It runs under the lock, after each change.
package final class Monitor<State: Sendable>: Sendable {
    /// Looks at the state. If a waiter may go on, returns what resumes it.
    private typealias Waiter = @Sendable (inout State) -> (@Sendable () -> Void)?

    private struct Inside: Sendable {
        var state: State
        /// In order of arrival.
        var waiters: [Waiter] = []

        /// Takes the first waiter that may go on. Returns what resumes it.
        mutating func takeReady() -> (@Sendable () -> Void)? {
            for index in waiters.indices {
                guard let resume = waiters[index](&state) else { continue }
                waiters.remove(at: index)
                return resume
            }
            return nil
        }
    }

    private let inside: Mutex<Inside>

    package init(_ state: State) {
        inside = Mutex(Inside(state: state))
    }

    /// Reads the state.
    package func read<Value: Sendable>(_ body: (State) -> Value) -> Value {
        inside.withLock { body($0.state) }
    }

    /// Changes the state. Resumes the waiters that may go on then.
    @discardableResult
    package func change<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
        resuming { body(&$0.state) }
    }

    /// Returns when the state fulfils the condition. Throws only `CancellationError`.
    package func wait(until condition: @escaping @Sendable (inout State) -> Bool) async throws {
        try await value { condition(&$0) ? () : nil }
    }

    /// Returns the condition's value when the condition has one. Throws only `CancellationError`.
    ///
    /// Of a value and a cancellation at the same time, the value counts. So nothing that was taken is lost.
    package func value<Value: Sendable>(
        _ condition: @escaping @Sendable (inout State) -> Value?
    ) async throws -> Value {
        let isCancelled = Mutex(false)
        return try await withTaskCancellationHandler {
            try await outcome { state in
                if let value = condition(&state) { return .success(value) }
                return isCancelled.withLock { $0 } ? .failure(CancellationError()) : nil
            }
        } onCancel: {
            isCancelled.withLock { $0 = true }
            resuming { _ in }
        }
    }

    /// Returns when the state fulfils the condition. A cancelled task stays, too.
    package func stay(until condition: @escaping @Sendable (inout State) -> Bool) async {
        await result { condition(&$0) ? () : nil }
    }

    /// Returns or throws the condition's outcome when the condition has one. A cancelled task stays, too.
    package func outcome<Value: Sendable>(
        _ condition: @escaping @Sendable (inout State) -> Result<Value, any Error>?
    ) async throws -> Value {
        try await result(condition).get()
    }

    private func result<Value: Sendable>(_ condition: @escaping @Sendable (inout State) -> Value?) async -> Value {
        await withCheckedContinuation { continuation in
            let waiter: Waiter = { state in
                guard let value = condition(&state) else { return nil }
                return { continuation.resume(returning: value) }
            }
            resuming { $0.waiters.append(waiter) }
        }
    }

    /// Runs `body` under the lock. Then resumes, outside of the lock, all waiters that may go on.
    private func resuming<Value: Sendable>(_ body: (inout Inside) -> Value) -> Value {
        let (value, ready) = inside.withLock { inside in
            let value = body(&inside)
            var ready: [@Sendable () -> Void] = []
            while let next = inside.takeReady() { ready.append(next) }
            return (value, ready)
        }
        for resume in ready { resume() }
        return value
    }
}
