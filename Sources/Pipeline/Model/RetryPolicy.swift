/// When a failed file is tried again: exponential with full jitter (the delay is drawn evenly from nothing up to the
/// bound, which spreads files that failed together; see "Exponential Backoff And Jitter", AWS Architecture Blog).
package struct RetryPolicy: Hashable, Sendable {
    /// How often a failing file is tried within one pass before the pass ends without it.
    package static let triesAPass = 3

    /// The bound after the first failure; doubled with each further one.
    package var first: Duration
    /// The bound never grows past it.
    package var longest: Duration

    package init(first: Duration = .seconds(5), longest: Duration = .seconds(15 * 60)) {
        self.first = first
        self.longest = longest
    }

    /// The most that is waited after so many failures (1 or more).
    package func bound(afterFailures failures: Int) -> Duration {
        let doublings = min(max(failures - 1, 0), 30)
        return min(first * (1 << doublings), longest)
    }

    /// The delay before the next try, never less than a tenth of a second.
    package func delay(afterFailures failures: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        let bound = bound(afterFailures: failures).milliseconds
        return .milliseconds(Int64.random(in: min(100, bound)...bound, using: &generator))
    }
}
