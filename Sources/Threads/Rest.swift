import Dispatch

/// Returns at an instant of a clock; throws when the task is cancelled, and leaves nothing behind then.
///
/// A clock's own sleep keeps its task and its timer until its time would have come, cancelled or not. Loops that are rung
/// awake many times a second, with the next deadline minutes away, would gather 470 bytes a ring. Any other clock than the
/// machine's (a test's) sleeps by itself.
package func rest<C: Clock>(until deadline: C.Instant, clock: C) async throws where C.Duration == Duration {
    guard clock is ContinuousClock || clock is SuspendingClock else {
        return try await clock.sleep(until: deadline, tolerance: nil)
    }
    while case let left = clock.now.duration(to: deadline), left > .zero {
        // Dispatch's clock stands still while the machine is suspended: after that the deadline is at most this late.
        try await rest(for: min(left, .seconds(60)))
    }
}

/// The same for a length by Dispatch's clock, which stands still while the machine is suspended.
package func rest(for length: Duration) async throws {
    let answer = Answer<Void>()
    let timer = DispatchSource.makeTimerSource(queue: timers)
    // Rounded up, so that a deadline has come when the rest before it is over. A rest of years is as good as one of days.
    let (seconds, attoseconds) = min(length, .seconds(1_000_000)).components
    timer.schedule(deadline: .now() + .nanoseconds(Int(seconds * 1_000_000_000 + attoseconds / 1_000_000_000 + 1)))
    timer.setEventHandler { answer.give(.success(())) }
    timer.activate()
    defer { timer.cancel() }
    try await answer.value()
}

/// One queue for all timers: without it each has its turn, and its cancellation, on a thread that Dispatch makes for it.
private let timers = DispatchQueue(label: "timers")
