/// How long a thread that may hang has been at its present step. It beats at each new step, and rests while there is
/// nothing to do. A suspended machine takes no time.
package final class Pulse: Sendable {
    /// When the present step began; nil at rest.
    private let begun = Mutex<SuspendingClock.Instant?>(nil)

    package init() {}

    package func beat() {
        let now = SuspendingClock.now
        begun.withLock { $0 = now }
    }

    package func rest() {
        begun.withLock { $0 = nil }
    }

    /// How long the present step has taken so far; zero at rest.
    package var silence: Duration {
        begun.withLock { $0 }.map { $0.duration(to: .now) } ?? .zero
    }
}
