import Threads

/// Counts how many are inside at one time.
package final class Peak: Sendable {
    private let state = Mutex((now: 0, peak: 0, total: 0))

    package init() {}

    package var peak: Int { state.withLock { $0.peak } }
    package var total: Int { state.withLock { $0.total } }

    /// Goes in and out.
    package func enter() {
        state.withLock { state in
            state.now += 1
            state.total += 1
            state.peak = max(state.peak, state.now)
        }
        state.withLock { $0.now -= 1 }
    }
}
