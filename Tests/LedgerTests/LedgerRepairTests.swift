import Foundation
import GRDB
import Glibc
import Pipeline
import SystemPackage
import Testing
import Watch

@testable import Ledger

@Suite struct LedgerRepairTests {
    private let folder: TemporaryFolder
    private let repair: LedgerRepair

    init() throws {
        folder = try TemporaryFolder()
        repair = LedgerRepair(directory: folder.path)
    }

    @Test func `a ledger is found whole, missing or damaged, and is left as it is`() async throws {
        #expect(try repair.inspect() == .missing)

        let ledger = try folder.ledger()
        try await ledger.upload(media("/in/a"))
        // Left to itself it closes some time, and then moves its log into the file.
        try ledger.close()
        #expect(try repair.inspect() == .whole)

        try folder.write(Array("no database, but long enough to be read".utf8))
        guard case .damaged(let reason) = try repair.inspect() else {
            Issue.record("not damaged")
            return
        }
        #expect(reason.contains("outtray.db is damaged"))
        #expect(try folder.bytes() == Array("no database, but long enough to be read".utf8))
    }

    @Test func `a ledger whose making was killed at its beginning is empty, and a start makes it`() async throws {
        let queue = try DatabaseQueue(path: at("outtray.db"))
        try await queue.write { db in
            try db.execute(sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
        }
        try queue.close()

        #expect(try repair.inspect() == .empty)
        #expect(try LedgerOutlook.revision(in: folder.path) == 0)
        #expect(try LedgerOutlook.file(at: "/in/a", in: folder.path)?.record == nil)
        #expect(try LedgerOutlook.file(at: "/in/a", in: folder.path) != nil)
        #expect(try LedgerOutlook.waits(in: folder.path)?.tallies.isEmpty == true)
        #expect(try LedgerOutlook.newestStep(in: folder.path) == nil)
        var revisions: [Int64] = []
        #expect(try LedgerOutlook.rows(in: folder.path, start: { revisions.append($0) }, row: { _, _ in }))
        #expect(revisions == [0])
        let ledger = try folder.ledger()
        try ledger.close()
        #expect(try repair.inspect() == .whole)
    }

    @Test func `a rebuilt ledger shows what the lost one showed, and goes on counting`() async throws {
        let changes = try await makeLedger()
        let before = try folder.ledger()
        let (shown, assets) = (try await before.rows(), try await before.assets(account: "main", size: 11))
        try before.close()
        try folder.write(Array("damaged".utf8))

        try repair.rebuild(from: ManifestRecord(journal: changes), at: at(100))
        let kept = try repair.finish()

        let after = try folder.ledger()
        _ = try await after.adopt([.named("main")], folders: nil, at: at(100))
        #expect(try await after.rows().revision == shown.revision)
        #expect(try await after.rows().rows == shown.rows)
        let rebuilt = try await after.assets(account: "main", size: 11)
        #expect(Set(rebuilt.map(\.sha256)) == Set(assets.map(\.sha256)))
        #expect(try await after.processing(account: "main", at: at(100), limit: 9).map(\.receipt.mediaID) == ["m3"])
        #expect(try await after.counts() == [.uploaded: 2, .rejected: 1])
        #expect(try kept.map { try String(contentsOfFile: $0.string, encoding: .utf8) } == ["damaged"])
        try await after.upload(media("/in/new"), 9)
        #expect(try await after.entry("/in/new")?.revision == (shown.revision ?? 0) + 1)
    }

    @Test func `a rebuilt ledger knows when a folder was first watched, as far as the old one tells`() async throws {
        let ledger = try folder.ledger()
        _ = try await ledger.beginFirstLook(of: "/in", .skip, at: at(5))
        try await ledger.endFirstLook(of: "/in", at: at(6))
        try ledger.close()

        #expect(try repair.rebuild(from: ManifestRecord(journal: []), at: at(100)).firstLooks?.count == 1)
        _ = try repair.finish()

        let after = try folder.ledger()
        #expect(try await after.beginFirstLook(of: "/in", .skip, at: at(101)) == FirstLook(begun: at(5)))
        try after.close()
        try folder.write(Array("no database".utf8))
        let salvage = try repair.rebuild(from: ManifestRecord(journal: []), at: at(100))
        #expect(salvage.firstLooks == nil && salvage.pauses == nil && salvage.hosts == nil)
    }

    @Test func `what was paused stays so in a rebuilt ledger, and a host of a fleet is the same`() async throws {
        let ledger = try folder.ledger()
        let account = ConfiguredAccount.named("main")
        try await ledger.pause([Pause.Subject(account), .folder(name: "inbox", path: "/in")], at: at(5))
        let (pauses, host) = (try await ledger.pauses(), try await ledger.host())
        try await ledger.noteRevisionOfFleet(7)
        try ledger.close()

        try repair.rebuild(from: ManifestRecord(journal: []), at: at(100))
        _ = try repair.finish()

        let after = try folder.ledger()
        #expect(try await after.pauses() == pauses && pauses.count == 2)
        #expect(try await after.host() == host)
        #expect(try await after.revisionOfFleet() == nil, "the fleet is told all anew")
    }

    @Test func `a rebuilt ledger looks at each sidecar anew, and finds those that left meanwhile`() async throws {
        let ledger = try folder.ledger()
        try await ledger.upload(media("/in/a.jpg"))
        for name in ["a.txt", "a.xmp"] { try await ledger.noteSidecar(found(FilePath("/in/\(name)")), at: at(1)) }
        let changes = try await ledger.changes(after: 0, limit: 9)
        try ledger.close()
        try folder.write(Array("damaged".utf8))

        try repair.rebuild(from: ManifestRecord(journal: changes), at: at(100))
        _ = try repair.finish()

        let after = try folder.ledger()
        #expect(try await after.entry("/in/a.jpg")?.sidecars == ["a.txt", "a.xmp"])
        #expect(try await after.sidecars(beneath: "/in", after: nil, limit: 9).paths == ["/in/a.txt", "/in/a.xmp"])
        #expect(try await after.unnoted(among: [found("/in/a.txt")]) == [found("/in/a.txt")])
        try await after.recordGone(["/in/a.xmp"], at: at(101))
        #expect(try await after.entry("/in/a.jpg")?.sidecars == ["a.txt"])
    }

    @Test func `bytes that went up twice, because the provider failed, are two assets again`() async throws {
        let ledger = try folder.ledger()
        try await ledger.upload(media("/in/a"), 1, .failed)
        let anew = media("/in/b")
        try await ledger.start(anew)
        try await ledger.complete(anew, provider: "postbreeze", sha256: digest(1), receipt: receipt("anew"), at: at(6))
        let (changes, shown) = (try await ledger.changes(after: 0, limit: 9), try await ledger.rows().rows)
        try ledger.close()
        try folder.write(Array("damaged".utf8))

        try repair.rebuild(from: ManifestRecord(journal: changes), at: at(100))
        _ = try repair.finish()

        let after = try folder.ledger()
        _ = try await after.adopt([.named("main")], folders: nil, at: at(100))
        #expect(try await after.rows().rows == shown)
        #expect(try await after.assets(account: "main", size: 11).count == 1)
    }

    @Test func `each file is looked at again, and the same bytes change nothing`() async throws {
        let changes = try await makeLedger()
        try folder.write(Array("damaged".utf8))
        try repair.rebuild(from: ManifestRecord(journal: changes), at: at(100))
        _ = try repair.finish()
        let ledger = try folder.ledger()
        _ = try await ledger.adopt([.named("main")], folders: ["inbox": "main"], at: at(100))
        let revision = try await ledger.revision()

        let file = media("/in/a")
        #expect(try await ledger.unhandled(among: [found("/in/a"), found("/in/bad")]).count == 2)
        try await ledger.start(file)
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first { $0.sha256 == digest(1) })
        try await ledger.reuse(asset, for: file, movedFrom: nil, at: at(101))
        try await ledger.reject(found("/in/bad"), tooLarge, at: at(101))

        #expect(try await ledger.revision() == revision)
        #expect(try await ledger.present(in: "inbox", after: nil, limit: 9) == ["/in/a", "/in/bad", "/in/c"])
        try await ledger.recordGone(["/in/c"], at: at(102))
        #expect(try await ledger.entry("/in/c")?.present == false)
        #expect(try await ledger.revision() == revision + 1)
    }

    @Test func `a rebuilt ledger's assets belong to the first target of their name, if the provider is the same`()
        async throws
    {
        let ledger = try folder.ledger()
        try await ledger.upload(media("/in/a"), 1)
        let other = media("/in/b")
        try await ledger.start(other)
        try await ledger.complete(other, provider: "sandbox", sha256: digest(2), receipt: receipt("m2"), at: at(6))
        let changes = try await ledger.changes(after: 0, limit: 9)
        try ledger.close()
        try folder.write(Array("damaged".utf8))
        try repair.rebuild(from: ManifestRecord(journal: changes), at: at(100))
        _ = try repair.finish()

        let after = try folder.ledger()
        let changed = try await after.adopt([.named("main")], folders: ["inbox": "main"], at: at(100))

        #expect(try await after.assets(account: "main", size: 11).map(\.sha256) == [digest(1)])
        #expect(changed.map(\.kind) == [.another(files: 1)], "the sandbox has the other file")
    }

    @Test(arguments: 0...4)
    func `a repair that was broken off at any step leaves nothing that is opened, and goes on`(steps: Int) async throws
    {
        let changes = try await makeLedger()
        try folder.write(Array("damaged".utf8))
        try write("log", to: "outtray.db-wal")
        try repair.rebuild(from: ManifestRecord(journal: changes), at: at(100))
        let name = try keptName()
        // What the swap does, one after the other.
        if steps >= 1 { try FileManager.default.linkItem(atPath: at("outtray.db"), toPath: at(name)) }
        if steps >= 2 { try FileManager.default.linkItem(atPath: at("outtray.db-wal"), toPath: at(name + "-wal")) }
        if steps >= 3 { try FileManager.default.removeItem(atPath: at("outtray.db-wal")) }
        if steps >= 4 { #expect(rename(at("outtray.db.rebuilt"), at("outtray.db")) == 0) }

        if steps < 4 {
            #expect(throws: LedgerError.self) { _ = try folder.ledger() }
            #expect(try repair.inspect() == .unfinished)
            #expect(try repair.finish().map(\.lastComponent?.string) == [name, name + "-wal"])
        }

        #expect(try repair.inspect() == .whole)
        #expect(try await folder.ledger().entry("/in/a") != nil)
        #expect(try String(contentsOfFile: at(name), encoding: .utf8) == "damaged")
        #expect(try String(contentsOfFile: at(name + "-wal"), encoding: .utf8) == "log")
        for kept in [name, name + "-wal"] where steps < 4 { #expect(try folder.mode(of: kept) == 0o600) }
    }

    @Test func `a repair that was broken off while it built leaves the damaged ledger, and begins anew`() async throws {
        let changes = try await makeLedger()
        try folder.write(Array("damaged".utf8))
        try write("half", to: "outtray.db.building")
        try write("half", to: "outtray.db.building-journal")

        guard case .damaged = try repair.inspect() else {
            Issue.record("not damaged")
            return
        }
        try repair.rebuild(from: ManifestRecord(journal: changes), at: at(100))
        _ = try repair.finish()

        #expect(try await folder.ledger().entry("/in/a") != nil)
    }

    @Test func `what an earlier repair kept is not overwritten`() async throws {
        try folder.write(Array("damaged".utf8))
        try repair.rebuild(from: ManifestRecord(journal: []), at: at(100))
        let name = try keptName()
        try write("older", to: name)

        #expect(try repair.finish().map(\.lastComponent?.string) == [name + "-2"])

        #expect(try String(contentsOfFile: at(name), encoding: .utf8) == "older")
        #expect(try String(contentsOfFile: at(name + "-2"), encoding: .utf8) == "damaged")
    }

    @Test func `the log of a ledger that is gone is not played into the new one`() async throws {
        let changes = try await makeLedger()
        let log = try await leaveLog()

        #expect(try repair.inspect() == .missing)
        try repair.rebuild(from: ManifestRecord(journal: changes), at: at(100))
        let kept = try repair.finish()

        #expect(!log.isEmpty)
        #expect(kept.map { $0.string.suffix(4) } == ["-wal", "-shm"])
        #expect(!FileManager.default.fileExists(atPath: at("outtray.db-wal")))
        #expect(!FileManager.default.fileExists(atPath: at("outtray.db-shm")))
        #expect(try repair.inspect() == .whole)
        let ledger = try folder.ledger()
        #expect(try await ledger.entry("/in/a") != nil)
        #expect(try await ledger.entry("/in/late") == nil)
    }

    /// Takes the ledger away and leaves the log of one more upload, as SQLite wrote it.
    private func leaveLog() async throws -> Data {
        let ledger = try folder.ledger()
        try await ledger.upload(media("/in/late"), 9)
        let files = ["outtray.db-wal", "outtray.db-shm"].map { URL(fileURLWithPath: at($0)) }
        let contents = try files.map { try Data(contentsOf: $0) }
        try ledger.close()
        try FileManager.default.removeItem(at: URL(fileURLWithPath: folder.database.string))
        for (file, content) in zip(files, contents) { try content.write(to: file) }
        return contents[0]
    }

    /// Closed; with an entry, one that moved, one that left, one that is processed, and a rejection.
    private func makeLedger() async throws -> [ManifestChange] {
        let ledger = try folder.ledger()
        try await ledger.upload(media("/in/a"), 1)
        try await ledger.upload(media("/in/old"), 2)
        try await ledger.upload(media("/in/c"), 3, .processing)
        let moved = try #require(try await ledger.assets(account: "main", size: 11).first { $0.sha256 == digest(2) })
        try await ledger.start(media("/in/moved", 2))
        try await ledger.reuse(moved, for: media("/in/moved", 2), movedFrom: "/in/old", at: at(6))
        try await ledger.recordGone(["/in/moved"], at: at(7))
        try await ledger.reject(found("/in/bad"), tooLarge, at: at(8))
        let changes = try await ledger.changes(after: 0, limit: 100)
        try ledger.close()
        return changes
    }

    private func at(_ name: String) -> String { folder.path.appending(name).string }

    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: at(name)))
    }

    /// The name that the time of the new ledger asks for.
    private func keptName() throws -> String {
        let attributes = try FileManager.default.attributesOfItem(atPath: at("outtray.db.rebuilt"))
        let date = try #require(attributes[.modificationDate] as? Date)
        let time = Timestamp(milliseconds: Int64(date.timeIntervalSince1970) * 1000).iso8601
        return "outtray.db.damaged-" + time.filter { $0 != "-" && $0 != ":" }
    }
}
