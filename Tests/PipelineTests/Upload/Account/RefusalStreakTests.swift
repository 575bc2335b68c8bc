import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

/// When refusals of single files are the whole account's matter.
struct RefusalStreakTests {
    private func error(_ kind: ProviderError.Kind, _ words: String = "no", status: Int? = 404) -> ProviderError {
        ProviderError(kind, words, status: status)
    }

    private func verdicts(
        _ streak: inout RefusalStreak,
        _ refusals: [(ProviderError, String)]
    ) -> [Bool] {
        refusals.map { streak.takes($0, of: .sample($1)) }
    }

    @Test(arguments: [ProviderError.Kind.refusedTicket, .expiredTicket, .unexpectedAnswer, .refusedFile])
    func `the third file that is refused alike is one too many`(kind: ProviderError.Kind) {
        var streak = RefusalStreak()

        let told = verdicts(&streak, [(error(kind), "a"), (error(kind), "b"), (error(kind), "c"), (error(kind), "d")])

        #expect(told == [false, false, true, true])
        #expect(streak.files.map(\.uploadName) == ["a", "b", "c"])
    }

    @Test func `one file counts once, however often it is tried`() {
        var streak = RefusalStreak()

        #expect(verdicts(&streak, Array(repeating: (error(.expiredTicket), "a"), count: 9)).allSatisfy { !$0 })
    }

    @Test func `a service that is broken in several ways is broken`() {
        var streak = RefusalStreak()
        let odd = [
            (error(.refusedTicket, "it differs", status: 403), "a"), (error(.unexpectedAnswer, "no", status: 501), "b"),
            (error(.expiredTicket, "too old", status: 403), "c"),
        ]

        #expect(verdicts(&streak, odd) == [false, false, true])
    }

    @Test func `where a file is meant, another status or other words break it`() {
        var streak = RefusalStreak()
        let words = ["it is torn", "it is dull", "it is odd"]
        let refusals = zip(words, ["a", "b", "c"]).map { (error(.refusedFile, $0), $1) }
        #expect(verdicts(&streak, refusals) == [false, false, false])

        let statuses = [400, 415, 400]
        let files = statuses.enumerated().map { (error(.refusedFile, status: $1), "f\($0)") }
        #expect(verdicts(&streak, files) == [false, false, false])
    }

    @Test func `the file's own words do not make two refusals differ`() {
        var streak = RefusalStreak()
        let names = ["holiday.jpg", "too large.jpg", "b.jpg"]
        let files = names.enumerated().map { number, name in
            (error(.refusedFile, "the folder takes no \(name) of 1\(number).5 MB"), name)
        }

        #expect(verdicts(&streak, files) == [false, false, true])
    }

    @Test func `what is believed of a file is no part of it, and in doubt once it is full`() {
        var streak = RefusalStreak()
        streak.noteVerdict(on: .sample("a"))

        let told = verdicts(&streak, ["b", "c", "d"].map { (error(.refusedTicket), $0) })

        #expect(told == [false, false, true])
        #expect(streak.believed.map(\.uploadName) == ["a"])
        streak.noteUpload()
        #expect(streak.believed.isEmpty)
    }

    @Test func `a file that goes up breaks it, and then what is said of a file is believed`() {
        var streak = RefusalStreak()
        _ = verdicts(&streak, [(error(.refusedTicket), "a"), (error(.refusedTicket), "b")])
        streak.noteUpload()

        #expect(verdicts(&streak, [(error(.refusedTicket), "c"), (error(.refusedTicket), "d")]) == [false, false])
        let files = (0..<5).map { (error(.refusedFile), "f\($0)") }
        #expect(verdicts(&streak, files).allSatisfy { !$0 })
        let tickets = (0..<3).map { (error(.refusedTicket), "t\($0)") }
        // With the two before: what is said of a file in between is no word on the storage.
        #expect(verdicts(&streak, tickets) == [true, true, true])
    }

    @Test(arguments: [
        ProviderError.Kind.transient, .throttled(nil), .refusedKey, .refusedHost, .quota, .unreachable, .insecure,
        .interruptedBody, .outOfOrder, .cancelled,
    ])
    func `what is one file's or the account's anyway counts for nothing`(kind: ProviderError.Kind) {
        var streak = RefusalStreak()

        #expect(verdicts(&streak, (0..<5).map { (error(kind), "\($0)") }).allSatisfy { !$0 })
        #expect(streak.files.isEmpty)
    }
}
