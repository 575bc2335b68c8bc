import Pipeline
import TestSupport
import Testing

@testable import Pipeline

@Suite struct PaceShareTests {
    private typealias Instant = ManualClock.Instant
    private typealias Share = PaceShare<Instant>

    private func after(_ seconds: Int) -> Instant { begin.advanced(by: .seconds(seconds)) }

    /// Refuses a call made at one second, answered at another, with no pause.
    private func refuse(_ share: inout Share, madeAt made: Int, at second: Int) {
        share.refuse(callMadeAt: after(made), at: after(second), quiet: after(second))
    }

    @Test func `an account begins with its whole rate`() {
        #expect(Share().sixteenths(at: begin) == 16)
        #expect(Share().nextStep(after: begin) == nil)
    }

    @Test func `each incident halves the share, down to a sixteenth`() {
        var share = Share()
        let shares = (1...6).map { second in
            refuse(&share, madeAt: second, at: second)
            return share.sixteenths(at: after(second))
        }

        #expect(shares == [8, 4, 2, 1, 1, 1])
    }

    @Test func `calls that were under way together are one incident, however late their answers come`() {
        var share = Share()
        for second in [3, 3, 4, 9] { refuse(&share, madeAt: 2, at: second) }
        #expect(share.sixteenths(at: after(9)) == 8)

        refuse(&share, madeAt: 3, at: 10)
        #expect(share.sixteenths(at: after(10)) == 8)
        refuse(&share, madeAt: 4, at: 11)
        #expect(share.sixteenths(at: after(11)) == 4)
    }

    @Test func `it grows by a sixteenth every fifteen seconds, and is whole again after two minutes`() {
        var share = Share()
        refuse(&share, madeAt: 0, at: 0)

        #expect([14, 15, 29, 30, 119, 120, 9999].map { share.sixteenths(at: after($0)) } == [8, 9, 9, 10, 15, 16, 16])
        #expect(share.nextStep(after: after(0)) == after(15))
        #expect(share.nextStep(after: after(15)) == after(30))
        #expect(share.nextStep(after: after(120)) == nil)
    }

    @Test func `it does not grow during the pause that the server asked for`() {
        var share = Share()
        share.refuse(callMadeAt: begin, at: begin, quiet: after(60))

        #expect([60, 74, 75].map { share.sixteenths(at: after($0)) } == [8, 8, 9])
        #expect(share.nextStep(after: begin) == after(75))
    }

    @Test func `a late refusal of the same incident starts the quiet time anew`() {
        var share = Share()
        refuse(&share, madeAt: 0, at: 0)
        refuse(&share, madeAt: 0, at: 20)

        #expect([20, 34, 35].map { share.sixteenths(at: after($0)) } == [9, 9, 10])
    }

    @Test(arguments: [
        (ProviderError(.throttled(nil), "429", status: 429), true),
        (ProviderError(.transient, "503", status: 503), true),
        (ProviderError(.transient, "500", status: 500), false), (ProviderError(.unreachable, "no route"), false),
    ])
    func `429 and 503 are refusals, other failures are not`(error: ProviderError, isRefusal: Bool) {
        #expect(Share.isRefusal(error) == isRefusal)
    }

    @Test func `whatever is refused and when, no window has more calls than its rate, and the whole share comes back`()
    {
        var random = SeededGenerator()
        for _ in 0..<150 {
            let rates = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                CallRate(
                    calls: Int.random(in: 1...40, using: &random),
                    window: .seconds(Int.random(in: 1...90, using: &random))
                )
            }
            var pace = Pace<Instant>(rates, margin: .zero)
            var share = Share()
            var now = begin
            var calls: [Instant] = []
            for _ in 0..<120 {
                if Int.random(in: 0..<3, using: &random) == 0 {
                    now = now.advanced(by: .milliseconds(Int.random(in: 0...30_000, using: &random)))
                }
                now = pace.earliest(at: now, sixteenths: share.sixteenths(at: now))
                pace.record(now)
                calls.append(now)
                if let made = calls.suffix(3).randomElement(using: &random), Int.random(in: 0..<9, using: &random) == 0
                {
                    let quiet = now.advanced(by: .seconds(Int.random(in: 0...40, using: &random)))
                    share.refuse(callMadeAt: made, at: now, quiet: quiet)
                }
                #expect((1...16).contains(share.sixteenths(at: now)), "seed \(random.seed)")
            }
            for rate in rates {
                #expect(mostCalls(calls, within: rate.window) <= rate.calls, "seed \(random.seed): \(rate)")
            }
            while let next = share.nextStep(after: now) {
                #expect(share.sixteenths(at: next) == share.sixteenths(at: now) + 1, "seed \(random.seed)")
                now = next
            }
            #expect(share.sixteenths(at: now) == 16, "seed \(random.seed)")
        }
    }

    @Test func `a share of a rate allows that part of its calls, and always one`() {
        var pace = Pace<Instant>([CallRate(calls: 15, window: .seconds(60))], margin: .zero)
        for _ in 0..<7 {
            #expect(pace.earliest(at: begin, sixteenths: 8) == begin)
            pace.record(begin)
        }

        #expect(pace.earliest(at: begin, sixteenths: 8) == after(60))
        #expect(pace.earliest(at: begin, sixteenths: 9) == begin)
        #expect(pace.earliest(at: after(60), sixteenths: 1) == after(60))
    }

    /// The most calls in a half-open window of this length; one that begins with a call has the most.
    private func mostCalls(_ calls: [Instant], within window: Duration) -> Int {
        calls.indices.map { first in
            let end = calls[first].advanced(by: window)
            return calls[first...].prefix { $0 < end }.count
        }.max() ?? 0
    }
}
