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
        #expect(claimed.map(\.file) == [measured("/in/a", 1), measured("/in/b", 2)])
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

    @Test func `an upgrade leaves old entries and waiting files without both`() throws {
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
