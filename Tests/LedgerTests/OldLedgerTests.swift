import Foundation
import Pipeline
import SystemPackage
import Testing

@testable import Ledger

/// A ledger that was put back from a copy, beside a manifest that knows more.
@Suite struct OldLedgerTests {
    private let folder: TemporaryFolder
    private let repair: LedgerRepair

    init() throws {
        folder = try TemporaryFolder()
        repair = LedgerRepair(directory: folder.path)
    }

    /// The ledger's state of before `work`, and the changes that the manifest has after it.
    private func putBack(after work: (SQLiteLedger) async throws -> Void) async throws -> ManifestRecord {
        let before = try folder.ledger()
        try await before.upload(media("/in/a"), 1)
        try await before.upload(media("/in/b"), 2, .processing)
        try before.close()
        let copy = try folder.bytes()
        let ledger = try folder.ledger()
        try await work(ledger)
        let changes = try await ledger.changes(after: 0, limit: 100)
        try ledger.close()
        try folder.write(copy)
        return ManifestRecord(journal: changes)
    }

    @Test func `what came since is taken up, and scripts see no revision twice`() async throws {
        var shown: [ManifestRow] = []
        let record = try await putBack { ledger in
            try await ledger.upload(media("/in/c"), 3)
            try await ledger.reject(settled("/in/bad"), tooLarge, at: at(8))
            try await ledger.noteGone(["/in/a"], at: at(9))
            shown = try await ledger.rows().rows
        }

        let taken = try repair.takeUp(record, at: at(100))

        let ledger = try folder.ledger()
        #expect(taken.entries == 2 && taken.rejected == 1 && taken.toldAnew == 0)
        #expect(taken.revision == record.revision)
        #expect(try await ledger.rows().rows == shown)
        #expect(try await ledger.revision() == record.revision)
        _ = try await ledger.adopt([.named("main")], folders: ["inbox": "main"], at: at(101))
        let assets = try await ledger.assets(account: "main", size: 11).map(\.sha256)
        #expect(Set(assets).isSuperset(of: [digest(1), digest(3)]), "its bytes need not go up again")
        try await ledger.upload(media("/in/later"), 9)
        #expect(try await ledger.entry("/in/later")?.revision == record.revision + 1)
    }

    @Test func `what the manifest does not show so gets a revision above all that were published`() async throws {
        let record = try await putBack { try await $0.upload(media("/in/c"), 3) }
        let ledger = try folder.ledger()
        // By the old ledger, after it was put back.
        try await ledger.upload(media("/in/own"), 7)
        try ledger.close()

        let taken = try repair.takeUp(record, at: at(100))

        let after = try folder.ledger()
        #expect(taken.toldAnew == 1)
        #expect(try await after.entry("/in/own")?.revision == record.revision + 1)
        #expect(try await after.entry("/in/c") != nil && after.entry("/in/a") != nil)
        let news = try await after.changes(after: record.revision, limit: 9)
        #expect(news.map(\.row.path) == ["/in/own"])
    }

    @Test func `nothing that is known already is taken up, however often`() async throws {
        let record = try await putBack { try await $0.upload(media("/in/c"), 3) }
        _ = try repair.takeUp(record, at: at(100))
        let ledger = try folder.ledger()
        let rows = try await ledger.rows().rows
        try ledger.close()

        let again = try repair.takeUp(record, at: at(101))

        #expect(again.entries == 0 && again.rejected == 0 && again.toldAnew == 0)
        #expect(try await folder.ledger().rows().rows == rows)
    }
}
