import Synchronization

/// Opens once everyone who was counted has arrived, and stays open.
final class Readiness: Sendable {
    private struct State {
        var missing: Int
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state: Mutex<State>

    init(count: Int) {
        state = Mutex(State(missing: count))
    }

    /// One more has arrived.
    func arrive() {
        open { $0 - 1 }
    }

    /// Nobody else will arrive.
    func openForGood() {
        open { _ in 0 }
    }

    /// Returns when it is open, or when the task is cancelled.
    func wait() async {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayPass = state.withLock { state in
                    if state.missing <= 0 || Task.isCancelled { return true }
                    state.waiters[waiter] = continuation
                    return false
                }
                if mayPass { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume()
        }
    }

    private func open(_ change: (Int) -> Int) {
        let passing = state.withLock { state in
            state.missing = change(state.missing)
            guard state.missing <= 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in passing { waiter.resume() }
    }
}
