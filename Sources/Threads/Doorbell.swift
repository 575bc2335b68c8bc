/// Wakes one waiting loop. Rings without a waiter are kept as one ring, so none is missed.
package final class Doorbell: Sendable {
    private struct State {
        var isRung = false
        var lastWaiter = 0
    }

    private let state = Monitor(State())

    package init() {}

    package func ring() {
        state.change { $0.isRung = true }
    }

    /// Returns when rung, or when the task is cancelled. For one waiter at a time: a second one releases the first.
    package func wait() async {
        let waiter = state.change { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        try? await state.wait { state in
            if state.lastWaiter != waiter { return true }
            defer { state.isRung = false }
            return state.isRung
        }
    }

    /// Takes the ring that is there, if there is one. Releases a waiter, as ``wait()`` does.
    private func takeRing() -> Bool {
        state.change { state in
            guard state.isRung else { return false }
            state.isRung = false
            state.lastWaiter += 1
            return true
        }
    }

    /// Returns when rung, when `deadline` has come, or when the task is cancelled. With a nil deadline, it waits for
    /// the ring or the cancellation.
    package func wait<C: Clock>(until deadline: C.Instant?, clock: C) async where C.Duration == Duration {
        guard let deadline else { return await wait() }
        // Most often a busy loop finds the bell rung already.
        if takeRing() { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { try? await rest(until: deadline, clock: clock) }
            await group.next()
            group.cancelAll()
        }
    }
}
