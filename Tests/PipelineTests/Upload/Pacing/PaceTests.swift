import Pipeline
import TestSupport
import Testing

@testable import Pipeline

@Suite struct PaceTests {
    private typealias Instant = ManualClock.Instant

    /// No half-open window of the rate's length that begins with a call has more calls in it.
    private func holds(_ calls: [Instant], _ rate: CallRate) -> Bool {
        let calls = calls.sorted()
        return calls.indices.allSatisfy { first in
            let end = calls[first].advanced(by: rate.window)
            return calls[first...].prefix { $0 < end }.count <= rate.calls
        }
    }

    @Test func `calls within the rate go at once, the next one when the first has left the window`() {
        var pace = Pace<Instant>([CallRate(calls: 2, window: .seconds(10))], margin: .seconds(1))

        #expect(pace.reserve(at: begin) == begin)
        #expect(pace.reserve(at: begin.advanced(by: .seconds(3))) == begin.advanced(by: .seconds(3)))
        #expect(pace.reserve(at: begin.advanced(by: .seconds(4))) == begin.advanced(by: .seconds(11)))
        #expect(pace.reserve(at: begin.advanced(by: .seconds(4))) == begin.advanced(by: .seconds(14)))
    }

    @Test func `as many calls are free as may start at once`() {
        var random = SeededGenerator()
        for _ in 0..<100 {
            let rates = (0..<Int.random(in: 1...2, using: &random)).map { _ in
                let window = Duration.seconds(Int.random(in: 1...20, using: &random))
                return CallRate(calls: .random(in: 1...9, using: &random), window: window)
            }
            var pace = Pace<Instant>(rates, margin: .milliseconds(250))
            var now = begin
            for _ in 0..<30 {
                now = now.advanced(by: .milliseconds(Int.random(in: 0...3000, using: &random)))
                let sixteenths = Int.random(in: 1...PaceShare<Instant>.full, using: &random)
                var trial = pace
                var starts = 0
                while trial.earliest(at: now, sixteenths: sixteenths) == now {
                    trial.record(now)
                    starts += 1
                }
                #expect(max(0, pace.free(at: now, sixteenths: sixteenths)) == starts, "seed \(random.seed)")
                if starts > 0 { pace.record(now) }
            }
        }
        #expect(Pace<Instant>([]).free(at: begin) == .max)
    }

    @Test func `a pause saves up nothing`() {
        var pace = Pace<Instant>([CallRate(calls: 1, window: .seconds(10))], margin: .zero)
        _ = pace.reserve(at: begin)
        let late = begin.advanced(by: .seconds(1000))

        #expect(pace.reserve(at: late) == late)
        #expect(pace.reserve(at: late) == late.advanced(by: .seconds(10)))
    }

    @Test func `without a rate nothing waits`() {
        var pace = Pace<Instant>([])

        #expect((0..<100).allSatisfy { _ in pace.reserve(at: begin) == begin })
    }

    @Test func `no window of a rate's length ever has more than its calls`() {
        var random = SeededGenerator()
        for _ in 0..<150 {
            let rates = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                CallRate(
                    calls: Int.random(in: 1...5, using: &random),
                    window: .milliseconds(Int.random(in: 1...400, using: &random))
                )
            }
            var pace = Pace<Instant>(rates, margin: .zero)
            var now = begin
            let calls = (0..<80).map { _ in
                if Bool.random(using: &random) {
                    now = now.advanced(by: .milliseconds(Int.random(in: 0...120, using: &random)))
                }
                let start = pace.reserve(at: now)
                #expect(start >= now, "seed \(random.seed)")
                return start
            }
            for rate in rates { #expect(holds(calls, rate), "seed \(random.seed): \(rate)") }
        }
    }

    @Test func `a call that was long on its way counts from its answer`() {
        var pace = Pace<Instant>([CallRate(calls: 2, window: .seconds(10))], margin: .seconds(1))
        let late = begin.advanced(by: .seconds(3))
        for _ in 0..<2 { pace.record(begin) }

        pace.answered(begin, at: begin.advanced(by: .milliseconds(900)))
        pace.answered(begin, at: late)

        #expect(pace.reserve(at: late) == begin.advanced(by: .seconds(11)))
        #expect(pace.reserve(at: late) == begin.advanced(by: .seconds(13)))
    }

    @Test func `a call counts once, answered or not`() {
        var pace = Pace<Instant>([CallRate(calls: 3, window: .seconds(10))], margin: .zero)

        for second in 0..<3 {
            let moment = begin.advanced(by: .seconds(second))
            #expect(pace.reserve(at: moment) == moment)
            pace.answered(moment, at: moment)
        }

        #expect(pace.earliest(at: begin.advanced(by: .seconds(3))) == begin.advanced(by: .seconds(10)))
    }

    /// Each call is on its way for any time up to a window, there and back.
    @Test func `no window of the server has more calls than the rate, however long each is on its way`() {
        var random = SeededGenerator()
        for _ in 0..<150 {
            let rate = CallRate(calls: Int.random(in: 1...8, using: &random), window: .seconds(10))
            var pace = Pace<Instant>([rate], margin: .zero)
            var now = begin
            var underWay: [(made: Instant, answered: Instant)] = []
            var arrivals: [Instant] = []
            while arrivals.count < 80 {
                let next = pace.earliest(at: now)
                let first = underWay.indices.min { underWay[$0].answered < underWay[$1].answered }
                if let first, underWay.count == 4 || underWay[first].answered <= next {
                    let call = underWay.remove(at: first)
                    now = max(now, call.answered)
                    pace.answered(call.made, at: now)
                } else {
                    now = next
                    pace.record(now)
                    arrivals.append(now.advanced(by: .milliseconds(Int.random(in: 0...5000, using: &random))))
                    let back = Duration.milliseconds(Int.random(in: 0...5000, using: &random))
                    underWay.append((now, arrivals[arrivals.count - 1].advanced(by: back)))
                }
            }
            #expect(holds(arrivals, rate), "seed \(random.seed): \(rate)")
        }
    }

    /// Writes are held to both rates, and each reservation looks into the future of the other.
    @Test(.timeLimit(.minutes(5)))
    func `writes and all calls together keep to their rates`() async throws {
        let all = CallRate(calls: 1, window: .seconds(9))
        let writes = CallRate(calls: 1, window: .seconds(10))
        let clock = ManualClock()
        let pacer = Pacer(rates: [all], writeRates: [writes], clock: clock)

        let starts = try await withThrowingTaskGroup(of: (isWrite: Bool, at: Instant).self) { group in
            // One after the other, so that the order is known: each sleeps before the next comes.
            for (index, call) in [Pacer<ManualClock>.Call.read, .write, .write, .write].enumerated() {
                group.addTask {
                    try await pacer.wait(for: call)
                    return (call == .write, clock.now)
                }
                if index > 0 { try await clock.sleepers(index) }
                if index == 0, let first = try await group.next() { #expect(first.at == begin) }
            }
            var starts: [Instant] = []
            for _ in 0..<3 {
                try await clock.advanceToNextWake()
                if let next = try await group.next(), next.isWrite { starts.append(next.at) }
            }
            return starts
        }

        #expect(starts.count == 3)
        #expect(holds(starts, writes), "\(starts)")
    }
}

extension Pace {
    /// When the next call may be made, `instant` or later; counts it.
    fileprivate mutating func reserve(at instant: Instant) -> Instant {
        let start = earliest(at: instant)
        record(start)
        return start
    }
}
