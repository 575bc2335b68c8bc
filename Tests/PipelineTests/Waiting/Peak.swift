import Locks

/// Counts how many are inside at a time.
final class Peak: Sendable {
    private let state = Mutex((now: 0, peak: 0, total: 0))

    var peak: Int { state.withLock { $0.peak } }
    var total: Int { state.withLock { $0.total } }

    /// Goes in and out.
    func enter() {
        state.withLock { state in
            state.now += 1
            state.total += 1
            state.peak = max(state.peak, state.now)
        }
        state.withLock { $0.now -= 1 }
    }
}
