import Testing

@testable import Pipeline

@Suite struct HookFailuresTests {
    private var failures = HookFailures()
    private let early = Timestamp(milliseconds: 1)
    private let late = Timestamp(milliseconds: 2)

    @Test mutating func `a cause is news once, however many events fail for it and however often`() {
        let news = [
            failures.note("down", of: 1, at: early), failures.note("down", of: 1, at: late),
            failures.note("down", of: 2, at: late),
        ]

        #expect(news == [true, false, false])
        #expect(failures.since == early && failures.lastReason == "down")
    }

    @Test mutating func `another cause is news, and the first one again once no event failed for it any more`() {
        let news = [
            failures.note("down", of: 1, at: early), failures.note("503", of: 1, at: early),
            failures.note("down", of: 1, at: early), failures.note("down", of: 2, at: early),
        ]

        #expect(news == [true, true, true, false])
    }

    @Test mutating func `all works again when the last failing event has ended`() {
        _ = failures.note("down", of: 1, at: early)
        _ = failures.note("503", of: 2, at: early)

        // The third event never failed, and the second one's end is told once.
        let ends = [failures.end(3), failures.end(1), failures.end(2), failures.end(2)]

        #expect(ends == [false, false, true, false])
        #expect(failures.isEmpty && failures.since == nil && failures.lastReason == nil)
        let isNews = failures.note("down", of: 4, at: late)
        #expect(isNews && failures.since == late)
    }
}
