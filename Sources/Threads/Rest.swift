import Dispatch

/// Returns at an instant of a clock. Throws when the task is cancelled, and leaves nothing behind then.
///
/// A clock's own sleep keeps its task and timer until the deadline, even if cancelled. A loop may be rung awake many
/// times a second, with its next deadline minutes away. It would gather 470 bytes a ring.
///
/// A clock other than the machine's two (a test's) sleeps by itself.
package func rest<C: Clock>(until deadline: C.Instant, clock: C) async throws where C.Duration == Duration {
    guard clock is ContinuousClock || clock is SuspendingClock else {
        return try await clock.sleep(until: deadline, tolerance: nil)
    }
    while case let left = clock.now.duration(to: deadline), left > .zero {
        // Dispatch's clock stands still while the machine is suspended. So after a suspension the rest is up to 60 s
        // late.
        try await rest(for: min(left, .seconds(60)))
    }
}

/// Does work for this time at most. Returns nil if the time is over first. The work is cancelled then, and has to end
/// soon.
package func within<Value: Sendable>(
    _ time: Duration,
    _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await rest(for: time)
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}

/// Rests for a length of time by Dispatch's clock, which stands still while the machine is suspended.
package func rest(for length: Duration) async throws {
    let end = SuspendingClock.now.advanced(by: length)
    // The most part without a timer of its own, and the rest to the point.
    if length > .seconds(5) { try await LongRests.shared.rest(until: end.advanced(by: .seconds(-2))) }
    try await restPrecisely(for: SuspendingClock.now.duration(to: end))
}

private func restPrecisely(for length: Duration) async throws {
    let end = Promise<Void>()
    let timer = DispatchSource.makeTimerSource(queue: timers)
    timer.schedule(deadline: .now() + nanoseconds(length))
    timer.setEventHandler { end.give(.success(())) }
    timer.activate()
    defer { timer.cancel() }
    try await end.value()
}

/// Rounded up, so that the deadline has come when the rest is over. A rest of years may end after days (1,000,000 s).
func nanoseconds(_ length: Duration) -> DispatchTimeInterval {
    let (seconds, attoseconds) = min(max(length, .zero), .seconds(1_000_000)).components
    return .nanoseconds(Int(seconds * 1_000_000_000 + attoseconds / 1_000_000_000 + 1))
}

/// One queue for all timers. Without it, Dispatch makes a thread for each timer's turn and cancellation.
let timers = DispatchQueue(label: "timers")
