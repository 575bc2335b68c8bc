import Synchronization

/// Opens once each of its names has been checked off, and stays open; any number of tasks may wait for it.
package final class Latch: Sendable {
    private struct State {
        var missing: Set<String>
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    package init(_ names: some Sequence<String>) {
        state = Mutex(State(missing: Set(names)))
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

    /// Returns once it is open. Not ended by cancellation: whoever has a latch opens it at its end.
    package func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.missing.isEmpty { state.waiters.append(continuation) }
                return state.missing.isEmpty
            }
            if isOpen { continuation.resume() }
        }
    }

    private static func released(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        guard state.missing.isEmpty else { return [] }
        defer { state.waiters = [] }
        return state.waiters
    }
}
