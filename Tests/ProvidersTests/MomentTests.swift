import Pipeline
import Testing

@testable import Providers

struct MomentTests {
    /// 2026-11-22T10:15:30Z.
    private let moment = Timestamp(milliseconds: 1_795_342_530_000)

    @Test(arguments: [
        "2026-11-22T10:15:30Z", "2026-11-22T10:15:30.000Z", "2026-11-22 10:15:30", "2026-11-22T11:15:30+01:00",
        "2026-11-22T05:45:30-0430",
    ])
    func `ISO 8601 is read with and without fraction and offset`(text: String) {
        #expect(Moment.iso8601(text) == moment)
    }

    @Test func `fractions count to the millisecond`() {
        #expect(Moment.iso8601("2026-11-22T10:15:30.25Z") == Timestamp(milliseconds: 1_795_342_530_250))
    }

    @Test func `leap days and the epoch are where they belong`() {
        #expect(Moment.iso8601("1970-01-01T00:00:00Z") == Timestamp(milliseconds: 0))
        #expect(Moment.iso8601("2024-02-29T00:00Z") == Timestamp(milliseconds: 1_709_164_800_000))
        #expect(Moment.iso8601("2000-03-01T00:00:00Z") == Timestamp(milliseconds: 951_868_800_000))
    }

    @Test(arguments: ["", "soon", "2026-11-22", "2026-13-22T10:15:30Z", "2026-11-22T25:15:30Z", "2026-11-22T10:15:99Z"])
    func `what is no moment is nil`(text: String) {
        #expect(Moment.iso8601(text) == nil)
        #expect(Moment.httpDate(text) == nil)
    }

    @Test func `HTTP dates are read`() {
        #expect(Moment.httpDate("Sun, 22 Nov 2026 10:15:30 GMT") == moment)
        #expect(Moment.httpDate("Sun, 22 Nix 2026 10:15:30 GMT") == nil)
    }

    @Test func `Unix time is read in seconds and in milliseconds`() {
        #expect(Moment.unix(1_795_342_530) == moment)
        #expect(Moment.unix(1_795_342_530_000) == moment)
        #expect(Moment.unix(-1) == nil)
        #expect(Moment.unix(.infinity) == nil)
    }
}
