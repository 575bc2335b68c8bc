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

    private struct Sleeper {
        let deadline: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant()
        var last = 0
        var sleepers: [Int: Sleeper] = [:]
        /// Sleepers that were cancelled before they fell asleep.
        var cancelled: Set<Int> = []
        var watchers: [(count: Int, answer: Answer<Void>)] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var now: Instant { state.withLock { $0.now } }
    package var minimumResolution: Duration { .zero }

    /// How long the next sleeper still sleeps. Nil if nobody sleeps.
    package var nextWake: Duration? {
        state.withLock { state in state.sleepers.values.map { state.now.duration(to: $0.deadline) }.min() }
    }

    package func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let id = state.withLock { state in
            state.last += 1
            return state.last
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                fallAsleep(id, Sleeper(deadline: deadline, continuation: continuation))
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves time on. Wakes everybody who slept until then, the earliest first.
    package func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// Waits until at least one sleeps. Then moves time to the earliest end of a sleep.
    package func advanceToNextWake() async throws {
        try await sleepers(1)
        if let rest = nextWake { advance(by: rest) }
    }

    /// Returns when at least `count` sleep. Throws when the task is cancelled, as by its test's time limit.
    package func sleepers(_ count: Int) async throws {
        try Task.checkCancellation()
        let answer = Answer<Void>()
        state.withLock { state in
            if state.sleepers.count >= count {
                answer.give(.success(()))
            } else {
                state.watchers.append((count, answer))
            }
        }
        try await answer.value()
    }

    private func fallAsleep(_ id: Int, _ sleeper: Sleeper) {
        let (isAwake, isCancelled) = state.withLock { state in
            if state.cancelled.remove(id) != nil { return (true, true) }
            if sleeper.deadline <= state.now { return (true, false) }
            state.sleepers[id] = sleeper
            let count = state.sleepers.count
            for watcher in state.watchers where watcher.count <= count { watcher.answer.give(.success(())) }
            state.watchers.removeAll { $0.count <= count }
            return (false, false)
        }
        if isCancelled {
            sleeper.continuation.resume(throwing: CancellationError())
        } else if isAwake {
            sleeper.continuation.resume()
        }
    }
}
