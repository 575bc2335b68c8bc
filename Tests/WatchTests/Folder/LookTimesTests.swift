import Testing

@testable import Watch

@Suite struct LookTimesTests {
    private let begin = ContinuousClock().now
    private let options = WatchOptions(pollInterval: .seconds(2), rescanInterval: .seconds(1000))

    @Test func `polling takes at most a fifth of the time`() {
        var times = LookTimes(options, at: begin)
        #expect(times.nextPoll == begin && times.next == begin)

        times.planPoll(at: begin)
        #expect(times.nextPoll == begin + .seconds(2))
        times.beginPolling(.seconds(1))
        times.count(.seconds(2))
        times.planPoll(at: begin)
        #expect(times.nextPoll == begin + .seconds(12))
        times.beginPolling(.milliseconds(1))
        times.planPoll(at: begin)
        #expect(times.nextPoll == begin + .seconds(2), "each round counts for itself")
    }

    @Test func `the safety scan varies by ten percent, and comes soon after one that was not whole`() {
        var times = LookTimes(options, at: begin)
        for _ in 0..<100 {
            times.planScan(at: begin)
            #expect((begin + .seconds(900)...begin + .seconds(1100)).contains(times.nextScan))
        }

        times.hastenScan(at: begin)
        #expect(times.nextScan == begin + .seconds(10))
        times.hastenScan(at: begin + .seconds(5))
        #expect(times.nextScan == begin + .seconds(10), "never later than planned")
    }
}
