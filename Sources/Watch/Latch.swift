import Synchronization

/// Opens once each of its names has been checked off, and stays open until one is expected again; any number of tasks may
/// wait for it.
package final class Latch: Sendable {
    private struct State {
        var missing: Set<String>
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state: Mutex<State>

    package init(_ names: some Sequence<String>) {
        state = Mutex(State(missing: Set(names)))
    }

    /// The names that were not checked off yet.
    package var missing: Set<String> { state.withLock { $0.missing } }

    /// The name is to be checked off once more. Who has been let through does not come back.
    package func expect(_ name: String) {
        state.withLock { _ = $0.missing.insert(name) }
    }

    package func checkOff(_ name: String) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.missing.remove(name)
            return Self.released(&state)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Opens it whatever is missing: nobody will check anything off any more.
    package func open() {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.missing = []
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
