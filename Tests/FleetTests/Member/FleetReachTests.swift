import Pipeline
import TestSupport
import Testing

@testable import Fleet

@Suite struct FleetReachTests {
    private let start = ContinuousClock.now
    private let time = Timestamp(milliseconds: 1000)

    private func reach(_ then: UnreachableRule.Course) -> FleetReach<ContinuousClock.Instant> {
        FleetReach(rule: UnreachableRule(wait: .seconds(30), then: then), reason: "no answer yet", at: start, time)
    }

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }

    @Test func `before the fleet has answered, no file goes`() {
        #expect(reach(.upload).closure(at: start)?.reason == "no answer yet")
        #expect(reach(.wait).closure(at: start)?.until == nil)
    }

    @Test func `while the fleet can be asked, files go, and none alone`() {
        var reach = reach(.upload)

        let hasOpened = (reach.open(at: start), reach.open(at: start))

        #expect(hasOpened == (true, false))
        #expect(reach.closure(at: at(99)) == nil)
        #expect(!reach.mayGoAlone(rank: 0, since: start, at: at(99)))
    }

    @Test func `with upload, files go after the wait; with wait, never`() {
        #expect(reach(.upload).closure(at: at(29))?.until == time.advanced(by: .seconds(30)))
        #expect(reach(.upload).closure(at: at(30)) == nil)
        #expect(reach(.wait).closure(at: at(100_000)) != nil)
        #expect(!reach(.wait).mayGoAlone(rank: 0, since: start, at: at(100_000)))
    }

    @Test func `the first host of a content goes after one wait, the next one after two`() {
        let reach = reach(.upload)

        #expect(reach.mayGoAlone(rank: 0, since: start, at: at(30)))
        #expect(!reach.mayGoAlone(rank: 1, since: start, at: at(59)))
        #expect(reach.mayGoAlone(rank: 1, since: start, at: at(60)))
        #expect(!reach.mayGoAlone(rank: 0, since: at(100), at: at(129)))
    }

    @Test func `a new reason leaves the time of the first one`() {
        var reach = reach(.upload)

        let isNews = reach.close("its disk is full", isAnswer: true, at: at(20), time.advanced(by: .seconds(20)))

        #expect(isNews)
        #expect(reach.closure(at: at(29))?.reason == "its disk is full")
        #expect(reach.closure(at: at(29))?.since == time)
        #expect(reach.closure(at: at(30)) == nil)
    }

    /// A trouble from the first second to the 20th, which comes back after a pause.
    private func comesBack(after pause: Int, isAnswer: Bool) -> (FleetReach<ContinuousClock.Instant>, isNews: Bool) {
        var reach = reach(.upload)
        _ = reach.close("its disk is full", isAnswer: true, at: at(1), time)
        _ = reach.open(at: at(20))
        let then = time.advanced(by: .seconds(20 + pause))
        let isNews = reach.close("its disk is full", isAnswer: isAnswer, at: at(20 + pause), then)
        return (reach, isNews)
    }

    @Test func `what a server says again soon has not been over; later, it is a new trouble`() {
        var (soon, isNewsSoon) = comesBack(after: 5, isAnswer: true)
        #expect(!isNewsSoon && soon.mayGoAlone(rank: 0, since: start, at: at(30)))
        let opensAsNews = soon.open(at: at(31))
        #expect(!opensAsNews)
        let (later, isNewsLater) = comesBack(after: 15, isAnswer: true)
        #expect(isNewsLater && !later.mayGoAlone(rank: 0, since: start, at: at(64)))
        #expect(later.mayGoAlone(rank: 0, since: start, at: at(65)))
    }

    @Test func `a connection that is lost again soon is a new trouble`() {
        let (reach, isNews) = comesBack(after: 5, isAnswer: false)

        #expect(isNews && !reach.mayGoAlone(rank: 0, since: start, at: at(54)))
        #expect(reach.mayGoAlone(rank: 0, since: start, at: at(55)))
    }

    @Test func `all hosts order themselves alike, and contents fall to all of them`() {
        let hosts = (0..<4).map { _ in HostID() }
        var first: [Int] = [0, 0, 0, 0]
        for number in 0..<200 {
            let ranks = hosts.map { ContentRank.rank(of: $0, among: hosts, for: digest(UInt8(number))) }
            #expect(ranks.sorted() == [0, 1, 2, 3])
            if let place = ranks.firstIndex(of: 0) { first[place] += 1 }
        }

        #expect(first.allSatisfy { $0 > 20 })
    }
}
