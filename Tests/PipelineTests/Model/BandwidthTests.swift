import Testing

@testable import Pipeline

@Suite struct BandwidthTests {
    private static func at(_ hour: Int, _ minute: Int = 0) -> Int { hour * 60 + minute }

    @Test func `one rate holds at any time`() {
        for minute in [0, 719, 1439] {
            #expect(Bandwidth(rate: 9000).rate(at: minute) == 9000)
            #expect(Bandwidth.unlimited.rate(at: minute) == nil)
        }
    }

    @Test func `a rate holds from its time of day to the next one, over midnight as well`() throws {
        let steps: [Bandwidth.Step] = [
            .init(minute: Self.at(23), rate: nil), .init(minute: Self.at(7), rate: 9000),
            .init(minute: Self.at(12, 30), rate: 20_000),
        ]
        let bandwidth = try #require(Bandwidth(steps))

        #expect(bandwidth.rate(at: 0) == nil)
        #expect(bandwidth.rate(at: Self.at(6, 59)) == nil)
        #expect(bandwidth.rate(at: Self.at(7)) == 9000)
        #expect(bandwidth.rate(at: Self.at(12, 29)) == 9000)
        #expect(bandwidth.rate(at: Self.at(12, 30)) == 20_000)
        #expect(bandwidth.rate(at: Self.at(22, 59)) == 20_000)
        #expect(bandwidth.rate(at: Self.at(23)) == nil)
    }

    @Test func `one step holds all day, and none or one time twice is no bandwidth`() {
        #expect(Bandwidth([.init(minute: 600, rate: 9000)])?.rate(at: 0) == 9000)
        #expect(Bandwidth([]) == nil)
        #expect(Bandwidth([.init(minute: 600, rate: 9000), .init(minute: 600, rate: nil)]) == nil)
    }
}
