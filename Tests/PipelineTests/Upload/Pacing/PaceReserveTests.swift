import TestSupport
import Testing

@testable import Pipeline

@Suite struct PaceReserveTests {
    @Test func `calls are recorded before they are made, a sixteenth of the narrowest rate at a time`() {
        var reserve = PaceReserve(
            [CallRate(calls: 60, window: .seconds(60)), CallRate(calls: 1000, window: .seconds(900))],
            writeRates: []
        )
        var recorded = 0
        for _ in 0..<30 {
            while let next = reserve.next(isWrite: true, at: at(1)) {
                #expect(next.calls == 3)
                recorded += 1
                reserve.add(next)
            }
        }

        #expect(recorded == 10)
        var unlimited = PaceReserve([], writeRates: [])
        #expect(unlimited.next(isWrite: true, at: at(1)) == nil)
    }

    @Test func `writes are told apart where they have rates of their own`() {
        let rate = CallRate(calls: 60, window: .seconds(60))
        var apart = PaceReserve([rate], writeRates: [CallRate(calls: 15, window: .seconds(60))])
        var alike = PaceReserve([rate], writeRates: [])

        #expect(apart.next(isWrite: true, at: at(1)) == PaceReservation(at: at(1), calls: 1, areWrites: true))
        #expect(apart.next(isWrite: false, at: at(1)) == PaceReservation(at: at(1), calls: 1, areWrites: false))
        #expect(alike.next(isWrite: true, at: at(1))?.areWrites == false)
    }

    @Test func `calls were made before the next ones were recorded, the last ones may have been just now`() {
        let recorded = [1, 5, 9].map { PaceReservation(at: at($0), calls: 3, areWrites: false) }

        #expect(PaceReserve.latest(recorded, now: at(20)).map(\.at) == [at(5), at(9), at(20)])
        // A clock that was set back.
        #expect(PaceReserve.latest(recorded, now: at(4)).map(\.at) == [at(4), at(4), at(4)])
    }

    /// Processes that end at any call, one after the other, each knowing nothing but what was recorded.
    @Test(arguments: 0..<20) func `no window sees more than its calls, however often the process ends`(round: Int) {
        var random = SeededGenerator()
        let rates = [
            CallRate(calls: Int.random(in: 1...80, using: &random), window: .seconds(60)),
            CallRate(calls: Int.random(in: 80...200, using: &random), window: .seconds(600)),
        ]
        let writeRates = Bool.random(using: &random) ? [CallRate(calls: 15, window: .seconds(60))] : []
        let start = ManualClock.Instant()
        var now = Duration.zero
        var recorded: [PaceReservation] = []
        var made: [(Duration, isWrite: Bool)] = []

        for _ in 0..<30 {
            var (all, writes) = (Pace<ManualClock.Instant>(rates), Pace<ManualClock.Instant>(writeRates))
            var reserve = PaceReserve(rates, writeRates: writeRates)
            for old in PaceReserve.latest(recorded, now: at(now.milliseconds)) {
                let moment = start.advanced(by: .milliseconds(old.at.milliseconds))
                for _ in 0..<old.calls {
                    all.restore(moment)
                    if old.areWrites { writes.restore(moment) }
                }
            }
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                let isWrite = Bool.random(using: &random)
                now += .milliseconds(Int.random(in: 0...500, using: &random))
                var turn = all.earliest(at: start.advanced(by: now))
                if isWrite { turn = writes.earliest(at: turn) }
                now = start.duration(to: turn)
                while let next = reserve.next(isWrite: isWrite, at: at(now.milliseconds)) {
                    recorded.append(next)
                    reserve.add(next)
                }
                // It may end between the two.
                if Int.random(in: 0..<20, using: &random) == 0 { break }
                all.record(turn)
                if isWrite { writes.record(turn) }
                made.append((now, isWrite))
            }
        }

        for rate in rates { #expect(most(made.map(\.0), rate) <= rate.calls, "\(rate), seed \(random.seed)") }
        for rate in writeRates {
            #expect(most(made.filter(\.isWrite).map(\.0), rate) <= rate.calls, "\(rate), seed \(random.seed)")
        }
    }

    /// The most calls that any window of this length saw.
    private func most(_ calls: [Duration], _ rate: CallRate) -> Int {
        calls.indices.map { first in calls[first...].prefix { $0 < calls[first] + rate.window }.count }.max() ?? 0
    }
}
