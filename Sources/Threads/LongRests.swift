import Dispatch

/// Rests of many seconds, by one timer at a time for all of them.
///
/// Most of them are the patience with a disk or a server, and end after milliseconds. A timer for each would cost more
/// than the call that it guards. Dispatch makes system calls for each timer that begins or ends.
final class LongRests: Sendable {
    static let shared = LongRests()

    private struct State {
        var rests: [Int: (end: SuspendingClock.Instant, promise: Promise<Void>)] = [:]
        var last = 0
        /// When the next turn comes; nil if none is set.
        var next: SuspendingClock.Instant?
        /// The number of that turn. An earlier one that still comes finds that it counts no more.
        var turn = 0
    }

    private let state = Mutex(State())

    private init() {}

    /// Returns when the time has come, or up to a second later.
    ///
    /// - Throws: `CancellationError`.
    func rest(until end: SuspendingClock.Instant) async throws {
        let promise = Promise<Void>()
        let number = state.withLock { state in
            state.last += 1
            state.rests[state.last] = (end, promise)
            if state.next.map({ end < $0 }) ?? true { setTurn(at: end, &state) }
            return state.last
        }
        defer { state.withLock { _ = $0.rests.removeValue(forKey: number) } }
        try await promise.value()
    }

    /// Ends the rests whose time has come, and sets the next turn.
    private func take(_ turn: Int) {
        let now = SuspendingClock.now
        let over = state.withLock { state in
            guard state.turn == turn else { return [Promise<Void>]() }
            let over = state.rests.filter { $0.value.end <= now }
            for number in over.keys { state.rests[number] = nil }
            state.next = nil
            if let next = state.rests.values.lazy.map(\.end).min() { setTurn(at: next, &state) }
            return over.values.map(\.promise)
        }
        for promise in over { promise.give(.success(())) }
    }

    private func setTurn(at end: SuspendingClock.Instant, _ state: inout State) {
        state.next = end
        state.turn += 1
        let left = nanoseconds(SuspendingClock.now.duration(to: end))
        timers.asyncAfter(deadline: .now() + left) { [turn = state.turn] in self.take(turn) }
    }
}
