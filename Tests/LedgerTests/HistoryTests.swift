import Pipeline
import SystemPackage
import Testing

@testable import Ledger

@Suite struct HistoryTests {
    private let ledger: SQLiteLedger

    init() throws { ledger = try SQLiteLedger(inMemory: quiet) }

    @Test func `changed bytes are told after those that the path showed before`() async throws {
        try await ledger.upload(media("/in/a"), 1)
        try await ledger.upload(media("/in/other"), 7)
        try await ledger.upload(media("/in/a", 2), 2)

        let first = ShownAsset(
            revision: 1,
            since: at(5),
            provider: "postbreeze",
            account: "main",
            size: 11,
            sha256: digest(1),
            receipt: receipt("m1")
        )
        let history = try await ledger.history(of: "/in/a")
        #expect(history.first == first)
        #expect(history.map(\.revision) == [1, 3])
        #expect(history.map(\.receipt.mediaID) == ["m1", "m2"])
        #expect(history.last?.revision == (try await ledger.entry("/in/a"))?.revision)
    }

    @Test func `a new status, a rejection between and a file that comes back are no new asset`() async throws {
        try await ledger.upload(media("/in/a"), 1, .processing)
        let look = try #require(try await ledger.processing(account: "main", at: at(9), limit: 1).first)
        try await ledger.recordStatus(.ready, of: look, nextLook: nil, at: at(9))
        try await ledger.reject(settled("/in/a", 2), tooLarge, at: at(10))
        try await ledger.noteGone(["/in/a"], at: at(11))
        try await ledger.upload(media("/in/a"), 1)

        let history = try await ledger.history(of: "/in/a")

        #expect(history.map(\.revision) == [1] && history.map(\.receipt.status) == [.ready])
    }

    @Test func `an older asset that is shown again is told again`() async throws {
        for number in [1, 2, 1] as [UInt8] { try await ledger.upload(media("/in/a"), number) }

        #expect(try await ledger.history(of: "/in/a").map(\.receipt.mediaID) == ["m1", "m2", "m1"])
    }

    @Test func `a file that moves begins a history at its new path, and the old one stays`() async throws {
        try await ledger.upload(media("/in/a"), 1)
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        try await ledger.start(media("/in/b"))
        try await ledger.reuse(asset, for: media("/in/b"), movedFrom: "/in/a", at: at(8))

        #expect(try await ledger.history(of: "/in/a").map(\.revision) == [1])
        #expect(try await ledger.history(of: "/in/b").map(\.since) == [at(8)])
        #expect(try await ledger.history(of: "/in/none").isEmpty)
    }
}
