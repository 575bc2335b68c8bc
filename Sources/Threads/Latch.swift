/// Is open when all its names have been checked off. Any number of tasks may wait for it. A task that has passed is not
/// called back when the latch closes again.
package final class Latch: Sendable {
    private struct State {
        var missing: Set<String>
        /// Whether the latch is open for good. Nobody checks names off any more.
        var isOver = false
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state: Mutex<State>

    package init(_ names: some Sequence<String>) {
        state = Mutex(State(missing: Set(names)))
    }

    /// The names that were not checked off yet.
    package var missing: Set<String> { state.withLock { $0.missing } }

    /// Closes the latch until this name has been checked off, too. Does nothing if the latch is open for good.
    package func expect(_ name: String) {
        state.withLock { state in
            if !state.isOver { state.missing.insert(name) }
        }
    }

    package func checkOff(_ name: String) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.missing.remove(name)
            return Self.released(&state)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Opens the latch for good, whatever is missing. Nobody will check names off any more.
    package func open() {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.missing = []
            state.isOver = true
            return Self.released(&state)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when the latch is open, or when the task is cancelled.
    package func wait() async {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayPass = state.withLock { state in
                    if state.missing.isEmpty || Task.isCancelled { return true }
                    state.waiters[waiter] = continuation
                    return false
                }
                if mayPass { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume()
        }
    }

    private static func released(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        guard state.missing.isEmpty else { return [] }
        defer { state.waiters = [:] }
        return Array(state.waiters.values)
    }
}
