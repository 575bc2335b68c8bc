import Threads

/// A clock that stands still until a test moves it.
///
/// A test waits for ``sleepers(_:)`` before it advances the clock: the code under test has then come to its pause.
package final class ManualClock: Clock, Sendable {
    package struct Instant: InstantProtocol {
        package let offset: Duration

        package init(_ offset: Duration = .zero) {
            self.offset = offset
        }

        package func advanced(by duration: Duration) -> Instant { Instant(offset + duration) }
        package func duration(to other: Instant) -> Duration { other.offset - offset }
        package static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct State {
        var now = Instant()
        var last = 0
        /// When each sleep ends. A sleeper that is no longer here wakes up.
        var sleepers: [Int: Instant] = [:]

        /// The ends of all sleeps that are not over.
        var ends: [Instant] { sleepers.values.filter { $0 > now } }
    }

    private let state = Monitor(State())

    package init() {}

    package var now: Instant { state.read { $0.now } }
    package var minimumResolution: Duration { .zero }

    /// How long the next sleeper still sleeps. Nil if nobody sleeps.
    package var nextWake: Duration? {
        state.read { state in state.ends.min().map { state.now.duration(to: $0) } }
    }

    /// How many sleep.
    package var sleeping: Int { state.read { $0.ends.count } }

    package func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let id = state.change { state in
            state.last += 1
            return state.last
        }
        await withTaskCancellationHandler {
            state.change { state in
                if state.now < deadline, !Task.isCancelled { state.sleepers[id] = deadline }
            }
            await state.stay { $0.sleepers[id] == nil }
        } onCancel: {
            state.change { $0.sleepers[id] = nil }
        }
        try Task.checkCancellation()
    }

    /// Moves time on. Wakes everybody who slept until then, the earliest first.
    package func advance(by duration: Duration) {
        let due = state.change { state in
            state.now = state.now.advanced(by: duration)
            return state.sleepers.filter { $0.value <= state.now }.sorted { $0.value < $1.value }.map(\.key)
        }
        for id in due { state.change { $0.sleepers[id] = nil } }
    }

    /// Waits until at least one sleeps. Then moves time to the earliest end of a sleep.
    package func advanceToNextWake() async throws {
        try await sleepers(1)
        if let rest = nextWake { advance(by: rest) }
    }

    /// Returns when at least `count` sleep. Throws when the task is cancelled, as by its test's time limit.
    package func sleepers(_ count: Int) async throws {
        try Task.checkCancellation()
        try await state.wait { $0.ends.count >= count }
    }
}
