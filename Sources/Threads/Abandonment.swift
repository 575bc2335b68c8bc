import Dispatch
/// Ends the wait for threads that may never end. Each waiter is released when its own thread has ended, or when the
/// abandonment comes.
package final class Abandonment: Sendable {
    private struct State {
        var hasCome = false
        var nextWaiter = 0
        /// The waiters whose thread has not ended. Nil while nobody waits yet.
        var waiters: [Int: CheckedContinuation<Void, Never>?] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// A waiter. It is released once.
    package func newWaiter() -> Int {
        state.withLock { state in
            state.nextWaiter += 1
            state.waiters[state.nextWaiter] = .some(nil)
            return state.nextWaiter
        }
    }

    /// Returns when the waiter is released. Returns at once if it was released before.
    package func wait(_ waiter: Int) async {
        await withCheckedContinuation { continuation in
            let isReleased = state.withLock { state in
                if state.hasCome || state.waiters[waiter] == nil { return true }
                state.waiters[waiter] = continuation
                return false
            }
            if isReleased { continuation.resume() }
        }
    }

    /// Releases the waiter, because its thread has ended.
    package func release(_ waiter: Int) {
        let continuation = state.withLock { $0.waiters.removeValue(forKey: waiter) ?? nil }
        continuation?.resume()
    }

    /// Comes after `grace`, for everyone who still waits then.
    package func come(after grace: Duration) {
        let (seconds, attoseconds) = grace.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { self.come() }
    }

    private func come() {
        let waiters = state.withLock { state in
            state.hasCome = true
            defer { state.waiters = [:] }
            return state.waiters.values.compactMap { $0 }
        }
        for waiter in waiters { waiter.resume() }
    }
}
