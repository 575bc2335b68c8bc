import SystemPackage
import Testing
import Threads

@testable import Pipeline

@Suite struct UnderWayTests {
    @Test func `a file holds its slot from its claim to its end`() {
        var underWay = UnderWay<ContinuousClock.Instant>(slots: 2)

        underWay.begin(.sample("a"), isProbe: false)
        #expect(underWay.slots.taken == 1 && underWay.holds("/in/a") && underWay.recall(of: "/in/a") != nil)

        #expect(underWay.end(.sample("a")) == false)
        #expect(underWay.slots.taken == 0 && underWay.paths.isEmpty && underWay.recall(of: "/in/a") == nil)
    }

    @Test func `only the probe ends as the probe`() {
        var underWay = UnderWay<ContinuousClock.Instant>(slots: 2)
        underWay.begin(.sample("a"), isProbe: false)
        underWay.begin(.sample("b"), isProbe: true)

        #expect(underWay.end(.sample("a")) == false)
        #expect(underWay.end(.sample("b")) == true)
    }

    @Test func `a file that was taken back is returned once`() {
        var underWay = UnderWay<ContinuousClock.Instant>(slots: 1)
        underWay.takeBack(.sample("a"))

        #expect(underWay.returned("/in/b") == nil)
        #expect(underWay.returned("/in/a") == .sample("a"))
        #expect(underWay.returned("/in/a") == nil)
    }
}
