import GRDB
import Pipeline
import SystemPackage
import Testing
import Watch

@testable import Ledger

/// How large and long files are, and what may keep a provider from using them, from the queue to the manifest.
@Suite struct MeasureBookTests {
    private let folder: TemporaryFolder
    private let measure = MediaMeasure(width: 1080, height: 1920, duration: .milliseconds(42_500))
    private let warnings = [MediaWarning(.tooShort, "too \"short\""), MediaWarning(.otherType, "a WebM")]

    init() throws {
        folder = try TemporaryFolder()
    }

    private func measured(_ path: FilePath, _ number: Int64 = 1) -> MediaFile {
        let file = media(path, number)
        return MediaFile(
            folder: file.folder,
            root: file.root,
            path: file.path,
            version: file.version,
            account: file.account,
            mime: .webm,
            kind: .video,
            uploadName: file.uploadName,
            measure: measure,
            warnings: warnings
        )
    }

    @Test func `a claimed file has what its classification found, also after a restart`() async throws {
        let first = try folder.ledger()
        // One that is new, and one that had settled before.
        try await first.enqueue(measured("/in/a", 1), at: at(1))
        try await first.recordSettling([settling("/in/b", 2)], at: at(1))
        #expect(try await first.admit(measured("/in/b", 2), at: at(2)))
        let waiting = try await first.waiting(after: 0, limit: 9)
        try first.close()

        let ledger = try folder.ledger()
        let claimed = try await ledger.claim(account: "main", .oldest(9), at: at(3))

        #expect(waiting.map(\.content?.measure) == [measure, measure])
        #expect(claimed.map(\.file.measure) == [measure, measure])
        // Those are found anew, by the configuration of then.
        #expect(claimed.allSatisfy { $0.file.warnings.isEmpty })
    }

    @Test func `a new version has nothing of the one before`() async throws {
        let ledger = try folder.ledger()
        try await ledger.enqueue(measured("/in/a", 1), at: at(1))

        try await ledger.recordSettling([settling("/in/a", 2)], at: at(2))
        #expect(try await ledger.admit(media("/in/a", 2), at: at(3)))

        #expect(try await ledger.claim(account: "main", .oldest(9), at: at(4)).map(\.file) == [media("/in/a", 2)])
    }

    @Test func `the entry has both, and so has each path with the same bytes`() async throws {
        let ledger = try folder.ledger()
        try await ledger.upload(measured("/in/a"))
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        // A path whose own look found no warnings.
        try await ledger.start(media("/in/b"))
        try await ledger.reuse(asset, for: media("/in/b"), movedFrom: nil, at: at(5))

        let entry = try await ledger.entry("/in/a")
        let other = try await ledger.entry("/in/b")

        #expect(entry?.measure == measure && entry?.warnings == warnings)
        #expect(other?.measure == measure && other?.warnings == [])
    }

    @Test func `a touched file keeps what its entry says`() async throws {
        let ledger = try folder.ledger()
        try await ledger.upload(measured("/in/a"))
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        let before = try await ledger.entry("/in/a")

        let touched = measured("/in/a").after(change: 5)
        try await ledger.start(touched)
        try await ledger.reuse(asset, for: touched, movedFrom: nil, at: at(5))

        #expect(try await ledger.entry("/in/a") == before && before?.warnings == warnings)
    }

    @Test func `a rebuilt ledger has both from the manifest`() async throws {
        let ledger = try folder.ledger()
        try await ledger.upload(measured("/in/a"))
        let changes = try await ledger.changes(after: 0, limit: 9)
        try ledger.close()
        try folder.write(Array("damaged".utf8))

        let repair = LedgerRepair(directory: folder.path)
        try repair.rebuild(from: ManifestRecord(journal: changes), at: at(100))
        _ = try repair.finish()

        let entry = try await folder.ledger().entry("/in/a")
        #expect(entry?.measure == measure && entry?.warnings == warnings)
    }

    @Test func `the steps tell what the look found`() async throws {
        let ledger = try folder.ledger()
        try await ledger.enqueue(measured("/in/a"), at: at(1))

        let steps = try await ledger.steps(of: "/in/a")

        #expect(steps.map(\.kind) == [.seen, .settled, .classified, .queued])
        let classified = steps.first { $0.kind == .classified }
        #expect(classified?.facts.measure == measure && classified?.facts.warnings == warnings)
        #expect(steps.filter { $0.kind != .classified }.allSatisfy { $0.facts.measure == .unknown })
    }

    @Test func `an asset of an earlier version gets the measure of the next file with its bytes`() async throws {
        let ledger = try folder.ledger()
        try await ledger.upload(media("/in/a"))
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        let before = try await ledger.changes(after: 0, limit: 9).count

        try await ledger.start(measured("/in/b"))
        try await ledger.reuse(asset, for: measured("/in/b"), movedFrom: nil, at: at(5))

        let changes = try await ledger.changes(after: 0, limit: 9).dropFirst(before)
        #expect(try await ledger.entry("/in/a")?.measure == measure)
        #expect(try await ledger.entry("/in/b")?.measure == measure)
        #expect(changes.map(\.event) == [.updated, .uploaded])

        // What is known stays.
        let third = media("/in/c")
        try await ledger.start(third)
        try await ledger.reuse(asset, for: third, movedFrom: nil, at: at(6))
        #expect(try await ledger.entry("/in/a")?.measure == measure)
        #expect(try await ledger.changes(after: 0, limit: 9).count == before + 3)
    }

    @Test func `an upgrade lets waiting files be looked at again, but for those that nobody watches`() async throws {
        let old = try DatabaseQueue(path: folder.database.string)
        try Schema.migrator.migrate(old, upTo: "v21-presence")
        try await old.write { db in
            for (path, folder, state) in [
                ("/in/queued", "'inbox'", "queued"), ("/in/uploading", "'inbox'", "uploading"),
                ("/else/queued", "NULL", "queued"), ("/else/uploading", "NULL", "uploading"),
                ("/in/uploaded", "'inbox'", "uploaded"), ("/in/rejected", "'inbox'", "rejected"),
            ] {
                try db.execute(
                    sql: """
                        INSERT INTO files (path, folder, account, state, reason, device, inode, size, modified, changed,
                            attempts, due, entered, updated, root, mime, kind, upload_name)
                        VALUES (CAST('\(path)' AS BLOB), \(folder), 'main', '\(state)', '', 1, 2, 3, 4, 5, 1,
                            \(state == "queued" ? "0" : "NULL"), 7, 8, CAST('/' AS BLOB), 'video/mp4', 'VIDEO', 'a.mp4')
                        """
                )
            }
        }
        try old.close()

        let ledger = try folder.ledger()
        try await ledger.recover(at: at(9))
        try await ledger.tidy(at: at(9))

        for (path, state) in [
            ("/in/queued", FileState.settling), ("/in/uploading", .settling), ("/else/queued", .queued),
            ("/else/uploading", .queued), ("/in/uploaded", .uploaded), ("/in/rejected", .rejected),
        ] {
            #expect(try await ledger.state(FilePath(path)) == state, "\(path)")
        }
        let record = try await ledger.record(of: "/in/queued")
        #expect(record?.cause == .settling && record?.account == nil && record?.due == nil && record?.attempts == 1)
        let claimed = try await ledger.claim(account: "main", .oldest(9), at: at(10))
        #expect(Set(claimed.map(\.file.path)) == ["/else/queued", "/else/uploading"])
        #expect(try await ledger.counts() == [.settling: 2, .uploading: 2, .uploaded: 1, .rejected: 1])
    }

    @Test func `an upgrade leaves old entries without both`() throws {
        let database = try DatabaseQueue()
        try Schema.migrator.migrate(database, upTo: "v21-presence")
        try database.write { db in
            try db.execute(
                sql: """
                    INSERT INTO assets (id, provider, account, size, sha256, mime, kind, recipes, status, uploaded)
                        VALUES (1, 'postbreeze', 'main', 9, x'\(String(repeating: "07", count: 32))', 'video/mp4', 'VIDEO', '[]', 'ready', 1);
                    INSERT INTO manifest (path, folder, asset, present, shown, revision) VALUES (x'2F61', 'in', 1, 1, 1, 1);
                    """
            )
        }

        try Schema.migrator.migrate(database)

        let row = try database.read { try ManifestTable.row(of: "/a", in: $0) }
        guard case .entry(let entry)? = row?.content else {
            Issue.record("no entry")
            return
        }
        #expect(entry.measure == .unknown && entry.warnings.isEmpty)
        #expect(row?.json.contains("width") == false && row?.json.contains("warnings") == false)
    }
}
