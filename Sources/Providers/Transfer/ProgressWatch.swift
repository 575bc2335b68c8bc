import Pipeline
import Threads

/// Ends an exchange that has stopped moving.
///
/// async-http-client's own write timeout cannot do it. It pauses while the connection takes no bytes, just when it is
/// needed (seen in 1.37, `IdleWriteStateMachine`).
///
/// The clock stands still while the machine is suspended (`CLOCK_MONOTONIC`). The continuous clock is Linux's
/// `CLOCK_BOOTTIME`; it would end every transfer at the moment of a resume. After a resume, an exchange has the rest of
/// its patience. If the connection has survived, the exchange goes on. If not, the exchange ends as stalled or reset,
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

    /// Notes that something moved. Returns the time since it moved last.
    @discardableResult
    func restart() -> Duration {
        let now = clock.now
        return last.withLock { last in
            defer { last = now }
            return last.duration(to: now)
        }
    }

    /// Throws ``Stalled`` when nothing has moved for `patience`, or `CancellationError`.
    func waitForStall() async throws -> Never {
        while true {
            let deadline = last.withLock { $0 }.advanced(by: patience)
            guard deadline > clock.now else { throw Stalled(patience: patience) }
            try await rest(until: deadline, clock: clock)
        }
    }
}

/// Nothing has moved for this long.
struct Stalled: Error {
    let patience: Duration
}
