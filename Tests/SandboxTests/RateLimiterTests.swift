import FoundationEssentials
import Testing

@testable import Sandbox

@Suite struct RateLimiterTests {
    let start = Date(timeIntervalSince1970: 0)

    @Test func `a call is admitted again when the oldest one leaves the window`() {
        var limiter = RateLimiter([RateLimit(calls: 2, window: .seconds(10))])

        #expect(limiter.admit(at: start) == nil)
        #expect(limiter.admit(at: start.addingTimeInterval(4)) == nil)
        #expect(limiter.admit(at: start.addingTimeInterval(9)) == .seconds(1))
        #expect(limiter.admit(at: start.addingTimeInterval(10)) == nil)
        #expect(limiter.admit(at: start.addingTimeInterval(11)) == .seconds(3))
    }

    @Test func `of two limits the longer wait counts, and a refused call does not`() {
        var limiter = RateLimiter([RateLimit("1/1"), RateLimit("2/100")].compactMap(\.self))

        #expect(limiter.admit(at: start) == nil)
        #expect(limiter.admit(at: start) == .seconds(1))
        #expect(limiter.admit(at: start.addingTimeInterval(1)) == nil)
        #expect(limiter.admit(at: start.addingTimeInterval(1)) == .seconds(99))
    }

    @Test(arguments: ["", "60", "60/", "/60", "0/60", "60/0", "-1/60", "60/60/60", "a/b", "60/nan"])
    func `what is no limit is refused`(text: String) {
        #expect(RateLimit(text) == nil)
    }
}
