import Pipeline
import TestSupport
import Testing

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy(first: .seconds(5), longest: .seconds(60))

    @Test func `the bound doubles with each failure up to the longest`() {
        let bounds = (1...7).map { policy.bound(afterFailures: $0) }

        #expect(bounds == [5, 10, 20, 40, 60, 60, 60].map { .seconds($0) })
        #expect(policy.bound(afterFailures: 0) == .seconds(5))
        #expect(policy.bound(afterFailures: .max) == .seconds(60))
    }

    @Test func `delays are drawn from the whole range up to the bound and never leave it`() {
        var random = SeededGenerator()
        let delays = (0..<2000).map { _ in policy.delay(afterFailures: 2, using: &random) }

        #expect(delays.allSatisfy { $0 >= .milliseconds(100) && $0 <= .seconds(10) }, "seed \(random.seed)")
        // Of 2000 even draws, none in a given tenth is as likely as 10 to the power of -91.
        #expect(delays.contains { $0 < .seconds(1) }, "seed \(random.seed)")
        #expect(delays.contains { $0 > .seconds(9) }, "seed \(random.seed)")
    }

    @Test func `a bound below a tenth of a second is kept to`() {
        var random = SeededGenerator()
        let quick = RetryPolicy(first: .milliseconds(3), longest: .milliseconds(3))

        #expect(quick.delay(afterFailures: 1, using: &random) <= .milliseconds(3))
    }
}
