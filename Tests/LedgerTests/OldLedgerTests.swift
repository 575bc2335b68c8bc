import Foundation
import GRDB
import Pipeline
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Ledger

/// An old ledger that takes up what a newer manifest tells.
@Suite struct OldLedgerTests {
    private let folder: TemporaryFolder
    private let repair: LedgerRepair

    init() throws {
        folder = try TemporaryFolder()
        repair = LedgerRepair(directory: folder.path)
    }

    /// Makes a ledger of two uploads and keeps it; then goes on with `later`. Puts the kept ledger back. Returns what
    /// the manifest tells of all, and the rows that the newer ledger showed.
    private func makeOld(_ later: (SQLiteLedger) async throws -> Void) async throws
        -> (record: ManifestRecord, rows: [ManifestRow])
    {
        let first = try folder.ledger()
        _ = try await first.adopt([.named("main")], folders: ["inbox": "main"], at: at(1))
        try await first.upload(media("/in/a", 1), 1)
        try await first.upload(media("/in/b", 2), 2, .processing)
        let changes = try await first.changes(after: 0, limit: 100)
        try first.close()
        let old = try folder.bytes()
        let newer = try folder.ledger()
        try await later(newer)
        let all = try await newer.changes(after: 0, limit: 100)
        let rows = try await newer.rows().rows
        try newer.close()
        try folder.write(old)
        #expect(all.count > changes.count)
        return (ManifestRecord(journal: all), rows)
    }

    private static func goOn(_ ledger: SQLiteLedger) async throws {
        try await ledger.upload(media("/in/c", 3), 3)
        // Other bytes at a known path, a status, a file that left, and a rejection.
        try await ledger.upload(media("/in/a", 4), 4)
        let looked = try #require(try await ledger.processing(account: "main", at: at(9), limit: 9).first)
        try await ledger.recordStatus(.ready, of: looked, nextLook: nil, at: at(9))
        try await ledger.recordGone(["/in/c"], at: at(9))
        try await ledger.reject(found("/in/bad"), tooLarge, at: at(9))
    }

    @Test func `it shows what the newer one showed, tells nothing anew, and goes on counting above it`() async throws {
        let (record, rows) = try await makeOld(Self.goOn)

        let taken = try repair.takeUp(record, at: at(100))

        #expect(taken.entries == 3 && taken.rejected == 1 && taken.toldAnew == 0)
        #expect(taken.revision == record.revision)
        let ledger = try folder.ledger()
        #expect(try await ledger.rows().rows == rows)
        #expect(try await ledger.revision() == record.revision)
        #expect(try await ledger.oldestChange() == nil)
        try await ledger.upload(media("/in/new", 5), 5)
        #expect(try await ledger.entry("/in/new")?.revision == record.revision + 1)
    }

    @Test func `its assets are the account's, so nothing goes up again, and it has its identity still`() async throws {
        let (record, _) = try await makeOld(Self.goOn)
        _ = try repair.takeUp(record, at: at(100))

        let ledger = try folder.ledger()
        let changed = try await ledger.adopt([.named("main")], folders: ["inbox": "main"], at: at(101))

        #expect(changed.isEmpty)
        for number in 1...4 {
            let size = version(Int64(number)).size
            let known = try await ledger.book(of: "main").asset(size: size, sha256: digest(UInt8(number)))
            // What is known from the manifest alone lets no file leave.
            #expect(known?.isProven == (number <= 2), "\(number)")
        }
        #expect(try await ledger.processing(account: "main", at: .now(), limit: 9).isEmpty, "it is ready by now")
    }

    @Test func `files of what it took up are looked at again, all others keep their versions`() async throws {
        let (record, _) = try await makeOld(Self.goOn)
        _ = try repair.takeUp(record, at: at(100))

        let ledger = try folder.ledger()

        let files = [found("/in/a", 4), found("/in/b", 2), found("/in/bad")]
        #expect(try await ledger.unhandled(among: files).map(\.path) == ["/in/a", "/in/bad"])
    }

    @Test func `what waits in it stays, and uploads under way too`() async throws {
        let queued = media("/in/queued", 6)
        let ticket = Ticket(receipt: receipt("m6"), pieces: [])
        let (record, _) = try await makeOld(Self.goOn)
        let old = try folder.ledger()
        try await old.start(queued)
        try await old.beginUpload(of: queued, at: at(10))
        try await old.recordTicket(ticket, of: queued, at: at(10))
        try old.close()

        _ = try repair.takeUp(record, at: at(100))

        let ledger = try folder.ledger()
        #expect(try await ledger.state("/in/queued") == .uploading)
        #expect(try await ledger.upload(of: queued)?.ticket == ticket)
    }

    @Test func `what it shows and the manifest does not gets revisions above both`() async throws {
        _ = try await makeOld(Self.goOn)
        let foreign = ManifestRecord(journal: try await othersChanges())

        let taken = try repair.takeUp(foreign, at: at(100))

        let ledger = try folder.ledger()
        #expect(taken.entries == 5 && taken.toldAnew == 2 && taken.revision == 7)
        let told = try await ledger.changes(after: 0, limit: 9)
        #expect(told.map(\.revision) == [6, 7] && told.map(\.event) == [.uploaded, .uploaded])
        #expect(told.map(\.row.path) == ["/in/a", "/in/b"])
        #expect(try await ledger.rows().rows.count == 7)
    }

    @Test func `to take up the same twice changes nothing`() async throws {
        let (record, rows) = try await makeOld(Self.goOn)
        _ = try repair.takeUp(record, at: at(100))

        let again = try repair.takeUp(record, at: at(200))

        #expect(again.entries == 0 && again.rejected == 0 && again.toldAnew == 0)
        #expect(try await folder.ledger().rows().rows == rows)
    }

    @Test func `an old ledger tells its revision without being written to`() async throws {
        #expect(try LedgerOutlook.revision(in: folder.path) == nil)
        _ = try await makeOld(Self.goOn)
        let before = try folder.bytes()

        #expect(try LedgerOutlook.revision(in: folder.path) == 2)
        #expect(try folder.bytes() == before)
    }

    @Test func `the newest step tells until when a ledger was written to`() async throws {
        #expect(try LedgerOutlook.newestStep(in: folder.path) == nil)
        let ledger = try folder.ledger()
        #expect(try LedgerOutlook.newestStep(in: folder.path) == nil)
        try await ledger.recordSettling([settling("/in/a")], at: at(1))
        try await ledger.enqueue(media("/in/a"), at: at(7))

        #expect(try LedgerOutlook.newestStep(in: folder.path) == at(7))
    }

    /// The changes of a ledger that has nothing to do with this one.
    private func othersChanges() async throws -> [ManifestChange] {
        let other = try SQLiteLedger(inMemory: quiet)
        for number in 1...5 {
            try await other.upload(media(FilePath("/other/\(number)"), Int64(10 + number)), UInt8(10 + number))
        }
        return try await other.changes(after: 0, limit: 9)
    }
}
