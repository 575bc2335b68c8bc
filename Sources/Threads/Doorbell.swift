/// Wakes one waiting loop. Rings without a waiter are kept as one ring, so none is missed.
package final class Doorbell: Sendable {
    private enum State {
        case idle
        case rung
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.idle)

    package init() {}

    package func ring() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if case .waiting(let continuation) = state {
                state = .idle
                return continuation
            }
            state = .rung
            return nil
        }
        waiter?.resume()
    }

    /// Returns when rung, or when the task is cancelled. For one waiter at a time: a second one releases the first.
    package func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let resumed = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                    switch state {
                    case .rung:
                        state = .idle
                        return [continuation]
                    case .waiting(let earlier):
                        state = .waiting(continuation)
                        return [earlier]
                    case .idle:
                        if Task.isCancelled { return [continuation] }
                        state = .waiting(continuation)
                        return []
                    }
                }
                for waiter in resumed { waiter.resume() }
            }
        } onCancel: {
            release()
        }
    }

    /// Returns when rung, when `deadline` has come, or when the task is cancelled. With a nil deadline, it waits for
    /// the ring or the cancellation.
    package func wait<C: Clock>(until deadline: C.Instant?, clock: C) async where C.Duration == Duration {
        guard let deadline else { return await wait() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { try? await rest(until: deadline, clock: clock) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Releases the waiter without leaving a ring behind.
    private func release() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard case .waiting(let continuation) = state else { return nil }
            state = .idle
            return continuation
        }
        waiter?.resume()
    }
}
