import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

@Suite struct AccountStandingTests {
    private typealias Standing = AccountStanding<ManualClock.Instant>
    private typealias Report = RequestReport<ManualClock.Instant>

    private func after(_ seconds: Int) -> ManualClock.Instant { begin.advanced(by: .seconds(seconds)) }

    private func failure(_ kind: ProviderError.Kind, status: Int? = nil, at seconds: Int) -> Report {
        Report(to: .api, begun: after(seconds), .failure(ProviderError(kind, "no", status: status)))
    }

    /// Lets so many files be refused alike. Returns what the last refusal led to.
    private func refuse(_ standing: inout Standing, _ names: [String], at seconds: Int) -> [[String]?] {
        names.map { name in
            standing.noteRefusal(
                ProviderError(.refusedTicket, "no", status: 403),
                of: .sample(name),
                begun: after(seconds),
                at: after(seconds)
            )?.before.map(\.uploadName)
        }
    }

    @Test func `a cause is reported once, and another cause again`() {
        var standing = Standing()

        let quota = standing.note(failure(.quota, status: 402, at: 1), at: after(1))
        let again = standing.note(failure(.quota, status: 402, at: 2), at: after(2))
        let key = standing.note(failure(.refusedKey, status: 401, at: 70), at: after(70))

        #expect(quota.blocked?.by.kind == .quota)
        #expect(again.blocked == nil && again.until != nil)
        #expect(key.blocked?.by.kind == .refusedKey)
    }

    @Test func `an account is opened once, by a request that was made after its cause`() {
        var standing = Standing()
        _ = standing.note(failure(.unreachable, at: 2), at: after(2))

        #expect(!standing.note(Report(to: .api, begun: after(1), .success), at: after(3)).isOpened)
        #expect(standing.note(Report(to: .api, begun: after(4), .success), at: after(4)).isOpened)
        #expect(!standing.note(Report(to: .api, begun: after(5), .success), at: after(5)).isOpened)
    }

    @Test func `an answer that blocks the account for another cause first shows that it can be reached`() {
        var standing = Standing()
        _ = standing.note(failure(.unreachable, at: 1), at: after(1))

        let change = standing.note(failure(.quota, status: 402, at: 2), at: after(2))

        #expect(change.isOpened)
        #expect(change.blocked?.by.kind == .quota)
    }

    @Test func `what concerns one file alone changes nothing`() {
        var standing = Standing()

        let change = standing.note(failure(.refusedFile, status: 400, at: 1), at: after(1))

        #expect(!change.isOpened && change.blocked == nil && change.until == nil)
        #expect(standing.gate.isOpen)
    }

    @Test func `the third file that is refused alike blocks the account, and the earlier two are in doubt`() {
        var standing = Standing()

        #expect(refuse(&standing, ["a", "b", "c", "d"], at: 1) == [nil, nil, ["a", "b"], []])

        #expect(standing.gate.isClosed(for: .refusedAlike))
        #expect(standing.refusedProbes == ["/in/c", "/in/d"])
    }

    @Test func `a try that began before the account was opened again is no verdict on its file`() {
        var standing = Standing()
        _ = refuse(&standing, ["a", "b", "c"], at: 1)

        #expect(standing.noteUpload(begun: after(5), at: after(9)).isOpened)

        #expect(standing.refusedProbes.isEmpty)
        #expect(standing.beganWhileRefusedAlike(after(8)))
        #expect(!standing.beganWhileRefusedAlike(after(9)))
    }

    @Test func `a file that blocks the account again is no probe, and waits longer each time`() {
        let retry = RetryPolicy(first: .seconds(5), longest: .seconds(60))
        var standing = Standing()
        func block(_ seconds: Int) {
            _ = standing.note(failure(.outOfOrder, at: seconds), at: after(seconds))
            standing.suspect("/in/bad", retry)
            #expect(standing.refusedProbes == ["/in/bad"])
            #expect(standing.heldBack(at: after(seconds)).isEmpty, "all wait anyway")
            _ = standing.note(Report(to: .api, begun: after(seconds + 1), .success), at: after(seconds + 1))
            #expect(standing.refusedProbes.isEmpty && standing.gate.isOpen)
        }

        block(0)
        #expect(standing.heldBack(at: after(1)).isEmpty)
        block(10)
        #expect(standing.heldBack(at: after(15)) == ["/in/bad"] && standing.heldBack(at: after(16)).isEmpty)
        block(20)
        #expect(standing.heldBack(at: after(30)) == ["/in/bad"] && standing.heldBack(at: after(31)).isEmpty)
        block(40)
        standing.acquit("/in/bad")
        #expect(standing.heldBack(at: after(41)).isEmpty)
    }

    @Test func `a short rate limit blocks nothing, a long one does`() {
        var short = Standing()
        var long = Standing()
        _ = short.note(failure(.throttled(.seconds(5)), status: 429, at: 1), at: after(1))
        _ = long.note(failure(.throttled(.seconds(3600)), status: 429, at: 1), at: after(1))

        #expect(!short.isBlocked(at: after(1)) && !short.isHeldForLong(at: after(1)))
        #expect(long.isBlocked(at: after(1)) && long.isHeldForLong(at: after(1)))
        #expect(!long.isHeldForLong(at: after(3590)))
    }
}
