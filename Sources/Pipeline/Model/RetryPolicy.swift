/// When a failed file is tried again: exponential backoff with full jitter.
///
/// The delay is drawn evenly, up to the bound. So files that failed together are tried apart. Source: "Exponential
/// Backoff And Jitter", AWS Architecture Blog.
package struct RetryPolicy: Hashable, Sendable {
    /// The bound after the first failure. Each further failure doubles it.
    package var first: Duration
    /// The largest bound.
    package var longest: Duration

    package init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    /// The longest delay after this number of failures (1 or more).
    package func bound(afterFailures failures: Int) -> Duration {
        let doublings = min(max(failures - 1, 0), 30)
        return min(first * (1 << doublings), longest)
    }

    /// The delay before the next try: drawn from a tenth of a second up to the bound. A bound below that is the delay
    /// itself.
    package func delay(afterFailures failures: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        let bound = bound(afterFailures: failures).milliseconds
        return .milliseconds(Int64.random(in: min(100, bound)...bound, using: &generator))
    }
}
