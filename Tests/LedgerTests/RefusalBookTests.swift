import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import Ledger

/// Refusals that say nothing of their file, and the uploads that contradict them.
@Suite struct RefusalBookTests {
    private let ledger: SQLiteLedger
    private let file = media("/in/a", 1)

    init() throws { ledger = try SQLiteLedger(inMemory: quiet) }

    /// Claims the file and puts it back as refused.
    private func refuse(_ file: MediaFile) async throws {
        try await ledger.start(file)
        try await ledger.postponeRefused(file)
    }

    @Test func `the file waits with its cause and one attempt more`() async throws {
        try await refuse(file)

        let record = try await ledger.record(of: file.path)
        #expect(record?.state == .queued && record?.cause == .serviceRefusal)
        #expect(record?.reason == "403" && record?.attempts == 1)
        #expect(try await ledger.isRefusalContradicted(of: file) == false)
    }

    @Test func `another file that goes up after it contradicts it, in a later process too`() async throws {
        let folder = try TemporaryFolder()
        let first = try folder.ledger()
        try await first.start(file)
        try await first.postponeRefused(file)
        try first.close()
        let second = try folder.ledger()
        try await second.upload(media("/in/b", 2), 2)
        try second.close()

        #expect(try await folder.ledger().isRefusalContradicted(of: file))
    }

    @Test func `what was up before it does not, nor what was under way before its try`() async throws {
        try await ledger.upload(media("/in/before", 2), 2)
        let underWay = media("/in/long", 3)
        try await ledger.start(underWay)
        try await refuse(file)
        try await ledger.complete(
            underWay,
            provider: "postbreeze",
            sha256: digest(3),
            receipt: receipt("m3"),
            at: at(9)
        )

        #expect(try await ledger.isRefusalContradicted(of: file) == false)
    }

    @Test func `a file that was claimed with it contradicts it if it is up later`() async throws {
        let other = media("/in/b", 2)
        try await ledger.enqueue(file, at: at(1))
        try await ledger.enqueue(other, at: at(1))
        #expect(try await ledger.claim(account: "main", .oldest(9), at: at(1)).count == 2)
        try await ledger.postponeRefused(file)
        try await ledger.complete(other, provider: "postbreeze", sha256: digest(2), receipt: receipt("m2"), at: at(9))

        #expect(try await ledger.isRefusalContradicted(of: file))
    }

    @Test func `the first refusal counts, not the last`() async throws {
        try await refuse(file)
        let other = media("/in/b", 2)
        try await ledger.start(other)
        try await ledger.postponeRefused(file)
        _ = try await ledger.claim(account: "main", .oldest(9), at: at(2))
        try await ledger.postponeRefused(file)
        try await ledger.complete(other, provider: "postbreeze", sha256: digest(2), receipt: receipt("m2"), at: at(9))

        #expect(try await ledger.isRefusalContradicted(of: file))
    }

    @Test func `a file of another account, a known asset and the file itself contradict nothing`() async throws {
        try await ledger.upload(media("/in/known", 2), 2)
        try await refuse(file)
        try await ledger.upload(media("/other/b", 3, account: "other"), 3)
        let copy = media("/in/copy", 2)
        try await ledger.start(copy)
        let asset = try #require(try await ledger.assets(account: "main", size: copy.size).first)
        try await ledger.reuse(asset, for: copy, movedFrom: nil, at: at(9))

        #expect(try await ledger.isRefusalContradicted(of: file) == false)
    }

    @Test func `a refusal by an earlier account says nothing of the present one`() async throws {
        try await refuse(file)
        try await ledger.upload(media("/in/b", 2), 2)
        let other = ledger.book(of: .named("other"))
        #expect(try await other.isRefusalContradicted(of: file) == false)

        _ = try await ledger.claim(account: "main", .oldest(9), at: at(2))
        try await other.postponeRefused(file, Postponement(.serviceRefusal, reason: "403", attempted: true))

        #expect(try await other.isRefusalContradicted(of: file) == false)
    }

    @Test func `a new version of the file begins anew`() async throws {
        try await refuse(file)
        try await ledger.upload(media("/in/b", 2), 2)
        let changed = media("/in/a", 4)
        try await ledger.start(changed)

        #expect(try await ledger.isRefusalContradicted(of: changed) == false)
        #expect(try await ledger.isRefusalContradicted(of: file) == false)
    }

    @Test func `a refusal that blocks the account counts as well`() async throws {
        try await ledger.start(file)
        try await ledger.postponeRefused(file, cause: .refusedAlike)
        try await ledger.upload(media("/in/b", 2), 2)

        #expect(try await ledger.isRefusalContradicted(of: file))
    }

    @Test func `a file that is not uploading any more is left as it is`() async throws {
        try await ledger.start(file)
        try await ledger.reject(file, tooLarge, at: at(2))
        try await ledger.postponeRefused(file)
        try await ledger.upload(media("/in/b", 2), 2)

        #expect(try await ledger.state(file.path) == .rejected)
        #expect(try await ledger.isRefusalContradicted(of: file) == false)
    }
}
