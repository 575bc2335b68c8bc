import Pipeline
import Threads

/// Ends an exchange in which nothing moves.
///
/// async-http-client's own write timeout cannot do it: it pauses while the connection takes no bytes, which is when it
/// would be needed (seen in 1.37, `IdleWriteStateMachine`).
///
/// Its clock stands still while the machine is suspended (`CLOCK_MONOTONIC`; the continuous clock is Linux's
/// `CLOCK_BOOTTIME`, and would call every transfer stalled that was under way on waking up). After a resume an exchange has
/// the rest of its patience: it goes on where the connection has survived, and where it has not, ends as stalled or reset
/// and is tried again on the same URL.
final class ProgressWatch<C: Clock>: Sendable where C.Duration == Duration {
    private let patience: Duration
    private let clock: C
    private let last: Mutex<C.Instant>

    init(patience: Duration, clock: C = SuspendingClock()) {
        self.patience = patience
        self.clock = clock
        last = Mutex(clock.now)
    }

    /// Something moved.
    func note() {
        last.withLock { $0 = clock.now }
    }

    /// Throws ``Stalled`` once nothing has moved for as long as the patience lasts, or `CancellationError`.
    func waitForStall() async throws -> Never {
        while true {
            let deadline = last.withLock { $0 }.advanced(by: patience)
            guard deadline > clock.now else { throw Stalled(patience: patience) }
            try await rest(until: deadline, clock: clock)
        }
    }
}

/// Nothing moved for so long.
struct Stalled: Error {
    let patience: Duration
}
