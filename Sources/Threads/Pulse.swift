/// Measures how long a thread that may hang has been at its present step. The thread beats at each new step, and rests
/// while there is nothing to do. The time of a suspended machine does not count.
package final class Pulse: Sendable {
    /// When the present step began. Nil at rest.
    private let begun = Mutex<SuspendingClock.Instant?>(nil)

    package init() {}

    package func beat() {
        let now = SuspendingClock.now
        begun.withLock { $0 = now }
    }

    package func rest() {
        begun.withLock { $0 = nil }
    }

    /// How long the present step has taken so far. Zero at rest.
    package var silence: Duration {
        begun.withLock { $0 }.map { $0.duration(to: .now) } ?? .zero
    }
}
