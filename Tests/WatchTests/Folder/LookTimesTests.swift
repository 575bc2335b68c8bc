import Testing

@testable import Watch

@Suite struct LookTimesTests {
    private let begin = ContinuousClock().now
    private let options = WatchOptions(pollInterval: .seconds(2), rescanInterval: .seconds(1000))

    @Test func `polling takes at most a fifth of the time`() {
        var times = LookTimes(options, at: begin)
        #expect(times.nextPoll == begin && times.next(isPolling: true) == begin)

        times.planPoll(at: begin)
        #expect(times.nextPoll == begin + .seconds(2))
        times.beginPolling()
        times.count(.seconds(1))
        times.count(.seconds(2))
        times.planPoll(at: begin)
        #expect(times.nextPoll == begin + .seconds(12))
        times.beginPolling()
        times.count(.milliseconds(1))
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

    @Test(arguments: [Duration.milliseconds(100), .seconds(3600)])
    func `the poll interval sets neither the look at the folder's place nor the scan that comes soon`(
        interval: Duration
    ) {
        var times = LookTimes(WatchOptions(pollInterval: interval, rescanInterval: .seconds(100_000)), at: begin)

        times.planRootCheck(at: begin, after: .zero)
        #expect(times.nextRootCheck == begin + .seconds(2))
        times.planRootCheck(at: begin, after: .seconds(3))
        #expect(times.nextRootCheck == begin + .seconds(12), "a slow disk is looked at less often")
        times.hastenScan(at: begin)
        #expect(times.nextScan == begin + .seconds(10))
    }

    @Test func `a scan that comes soon waits four times as long as the last one took`() {
        var times = LookTimes(WatchOptions(rescanInterval: .seconds(100_000)), at: begin)

        times.beginScan(at: begin)
        times.hastenScan(at: begin + .seconds(1))
        #expect(times.nextScan > begin + .seconds(80_000), "not while that scan is under way")
        times.endScan(at: begin + .seconds(30))
        #expect(times.nextScan == begin + .seconds(150))

        times.beginScan(at: begin + .seconds(150))
        times.endScan(at: begin + .seconds(151))
        #expect(times.nextScan > begin + .seconds(80_000), "everything could be read")
    }

    @Test func `without polled directories nobody wakes for them`() {
        var times = LookTimes(WatchOptions(pollInterval: .milliseconds(100)), at: begin)
        times.planPoll(at: begin)
        times.planRootCheck(at: begin, after: .zero)

        #expect(times.next(isPolling: false) == begin + .seconds(2))
        #expect(times.next(isPolling: true) == begin + .milliseconds(100))
    }
}
