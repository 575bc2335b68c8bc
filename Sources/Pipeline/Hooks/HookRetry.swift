/// When a failed event is tried again, and when it is given up.
package struct HookRetry: Hashable, Sendable {
    /// What ends the tries.
    package enum Bound: Hashable, Sendable {
        /// The number of tries.
        case tries(Int)
        /// The time since the first failure, and no fewer than ``leastTries``: a machine may have been suspended.
        case time(Duration)
    }

    static let leastTries = 20

    package let pauses: RetryPolicy
    package let bound: Bound

    package init(pauses: RetryPolicy = Schedules.hook, bound: Bound) {
        self.pauses = pauses
        self.bound = bound
    }

    /// A command that fails 20 times fails for good: by then, some hours may have passed.
    package static let command = HookRetry(bound: .tries(20))
    /// A server may be down for a night.
    package static let webhook = HookRetry(bound: .time(.seconds(86_400)))

    /// The pause before the next try; nil if the event is given up. `tries` counts the failed one, too.
    func pause(
        after failure: HookFailure,
        tries: Int,
        failingFor time: Duration,
        using generator: inout some RandomNumberGenerator
    ) -> Duration? {
        if failure.isFinal { return nil }
        switch bound {
        case .tries(let most): if tries >= most { return nil }
        case .time(let longest): if time >= longest, tries >= Self.leastTries { return nil }
        }
        return max(pauses.delay(afterFailures: tries, using: &generator), failure.pause ?? .zero)
    }
}
