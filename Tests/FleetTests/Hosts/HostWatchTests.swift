import Pipeline
import TestSupport
import Testing

@testable import Fleet

@Suite struct HostWatchTests {
    private typealias Moment = ManualClock.Instant

    private let one = HostID()
    private let other = HostID()
    private typealias Watch = HostWatch<ManualClock.Instant>

    private func newWatch() -> Watch { Watch(patience: .seconds(60), longestGap: .seconds(15)) }

    private func sight(_ host: HostID, boot: Int64 = 1, beat: Int64) -> HostSight {
        HostSight(host: host, name: "h", boot: boot, beat: beat)
    }

    private func moment(_ second: Int) -> Moment { Moment(.seconds(second)) }

    /// Looks every five seconds from `first` to `last`.
    private func look(_ watch: inout Watch, from first: Int, through last: Int, _ sights: (Int) -> [HostSight]) {
        for second in stride(from: first, through: last, by: 5) { watch.note(sights(second), at: moment(second)) }
    }

    @Test func `a host whose heartbeat stands still for the whole time is silent`() {
        var watch = newWatch()

        look(&watch, from: 0, through: 55) { _ in [sight(one, beat: 7)] }
        #expect(watch.standstill(of: one) == nil)

        watch.note([sight(one, beat: 7)], at: moment(60))

        let found = watch.standstill(of: one)
        #expect(found?.boot == 1 && found?.beat == 7)
        #expect(watch.silence(of: one) == .seconds(60))
    }

    @Test func `each heartbeat, and each start, begins the time anew`() {
        var watch = newWatch()

        look(&watch, from: 0, through: 200) {
            [sight(one, beat: Int64($0 / 50)), sight(other, boot: Int64($0 / 55), beat: 0)]
        }

        #expect(watch.standstill(of: one) == nil && watch.standstill(of: other) == nil)
        #expect(watch.silence(of: one) == .zero)
    }

    @Test func `one host's silence does not depend on another's`() {
        var watch = newWatch()

        look(&watch, from: 0, through: 60) { [sight(one, beat: 3), sight(other, beat: Int64($0))] }

        #expect(watch.standstill(of: one)?.beat == 3)
        #expect(watch.standstill(of: other) == nil)
    }

    @Test func `time without looks does not count, as the database may have been away from all`() {
        var watch = newWatch()

        look(&watch, from: 0, through: 55) { _ in [sight(one, beat: 7)] }

        watch.note([sight(one, beat: 7)], at: moment(600))

        #expect(watch.standstill(of: one) == nil)
        #expect(watch.silence(of: one) == .zero)
        look(&watch, from: 605, through: 660) { _ in [sight(one, beat: 7)] }
        #expect(watch.standstill(of: one)?.beat == 7)
    }

    @Test func `a look that is late by little counts`() {
        var watch = newWatch()

        for second in stride(from: 0, through: 60, by: 15) { watch.note([sight(one, beat: 7)], at: moment(second)) }

        #expect(watch.standstill(of: one)?.beat == 7)
    }

    @Test func `a host that a look does not show is not known, and begins anew when it is there again`() {
        var watch = newWatch()

        look(&watch, from: 0, through: 30) { _ in [sight(one, beat: 7)] }
        watch.note([], at: moment(35))
        #expect(watch.silence(of: one) == nil)

        look(&watch, from: 40, through: 60) { _ in [sight(one, beat: 7)] }

        #expect(watch.standstill(of: one) == nil)
        #expect(watch.silence(of: one) == .seconds(20))
    }

    @Test func `a host that was never seen is not silent`() {
        let watch = newWatch()

        #expect(watch.standstill(of: one) == nil && watch.silence(of: one) == nil)
    }
}
