/// Is open while each of its names has been checked off; any number of tasks may wait for it. Who has been let through does
/// not come back.
package final class Latch: Sendable {
    private struct State {
        var missing: Set<String>
        /// Nobody checks anything off any more.
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

    /// Closes it until this name has been checked off, too; not where it was opened for good.
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

    /// Opens it for good, whatever is missing: nobody will check anything off any more.
    package func open() {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.missing = []
            state.isOver = true
            return Self.released(&state)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns once it is open, or when the task is cancelled.
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
