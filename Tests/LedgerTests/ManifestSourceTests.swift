import GRDB
import Pipeline
import SystemPackage
import Testing
import Watch

@testable import Ledger

@Suite struct ManifestSourceTests {
    private let folder: TemporaryFolder
    private let ledger: SQLiteLedger

    init() throws {
        folder = try TemporaryFolder()
        ledger = try folder.ledger()
    }

    @Test func `before the first change there is nothing to tell`() async throws {
        #expect(try await ledger.revision() == 0)
        #expect(try await ledger.oldestChange() == nil)
        #expect(try await ledger.changes(after: 0, limit: 9).isEmpty)
        #expect(try await ledger.rowCount() == 0)
        #expect(try await ledger.rows().revision == 0)
        #expect(try await ledger.row(of: "/in/a") == nil)
    }

    @Test func `a change tells the row as it was then`() async throws {
        try await ledger.upload(media("/in/a"), 1, .processing)
        let before = try await ledger.row(of: "/in/a")
        let look = try #require(try await ledger.processing(account: "main", at: at(9), limit: 1).first)
        try await ledger.recordStatus(.ready, of: look, nextLook: nil, at: at(9))

        let changes = try await ledger.changes(after: 0, limit: 9)

        #expect(changes.map(\.row) == [before, try await ledger.row(of: "/in/a")])
    }

    /// The texts are what such a version wrote of these rows.
    @Test func `a change that an older version stored is told as it was`() async throws {
        let movedTo = FilePath(bytes: Array("/done/".utf8) + [0xFF])
        try await ledger.upload(media("/in/a"))
        try await ledger.recordGone(["/in/a"], at: at(6))
        try await ledger.reject(found("/in/b"), tooLarge, at: at(7))
        try await ledger.recordGone(["/in/b"], at: at(8))
        let changes = try await ledger.changes(after: 0, limit: 9)
        try ledger.close()
        let former = [
            """
            {"shown":true,"folder":"inbox","entry":{"uploadedAt":{"milliseconds":5},"mimeType":"image\\/jpeg",\
            "receipt":{"assetURN":"urn:m1","status":"ready","recipes":["r1","r2"],"publicURL":"https:\\/\\/x\\/m1",\
            "mediaID":"m1"},"sha256":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=","kind":"IMAGE","present":true,\
            "bytes":11,"provider":"postbreeze","account":"main"}}
            """,
            """
            {"shown":true,"entry":{"uploadedAt":{"milliseconds":5},"mimeType":"image\\/jpeg","receipt":{"status":"ready",\
            "recipes":[]},"sha256":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=","kind":"IMAGE","present":false,\
            "movedTo":"L2RvbmUv\\/w==","bytes":11,"provider":"postbreeze","account":"main"}}
            """,
            """
            {"shown":true,"folder":"inbox","rejected":{"at":{"milliseconds":7},"rejection":{"code":"too-large",\
            "reason":"6 GB is more than 5 GB"}}}
            """,
            """
            {"shown":false,"folder":"inbox","rejected":{"at":{"milliseconds":7},"rejection":{"code":"too-large",\
            "reason":"6 GB is more than 5 GB"}}}
            """,
        ]
        let queue = try DatabaseQueue(path: folder.database.string)
        try await queue.write { db in
            for (index, text) in former.enumerated() {
                let arguments: StatementArguments = [text, index + 1]
                try db.execute(sql: "UPDATE changes SET content = ? WHERE revision = ?", arguments: arguments)
            }
        }
        try queue.close()

        let told = try await folder.ledger().changes(after: 0, limit: 9)

        #expect(told.map(\.event) == [.uploaded, .removed, .rejected, .removed])
        #expect(told.map(\.row.shown) == [true, true, true, false])
        #expect([told[0], told[2], told[3]] == [changes[0], changes[2], changes[3]])
        guard case .entry(let moved) = told[1].row.content else { return #expect(Bool(false), "no entry") }
        #expect(moved.movedTo == movedTo && !moved.present && moved.folder == nil && moved.revision == 2)
        #expect(moved.receipt == Receipt(status: .ready))
    }

    @Test func `changes are told a page at a time, and pruned ones no more`() async throws {
        for number in 1...5 { try await ledger.reject(found(FilePath("/in/\(number)")), tooLarge, at: at(1)) }

        #expect(try await ledger.changes(after: 1, limit: 2).map(\.revision) == [2, 3])
        try await ledger.pruneChanges(through: 3)

        #expect(try await ledger.oldestChange() == 4)
        #expect(try await ledger.changes(after: 0, limit: 9).map(\.revision) == [4, 5])
        try await ledger.pruneChanges(through: 5)
        #expect(try await ledger.oldestChange() == nil)
        #expect(try await ledger.revision() == 5)
        try await ledger.reject(found("/in/6"), tooLarge, at: at(1))
        #expect(try await ledger.oldestChange() == 6)
    }

    @Test func `a snapshot walks over entries, then rejections, in byte order, or over all by revision`() async throws {
        try await ledger.reject(found("/in/0"), tooLarge, at: at(1))
        try await ledger.upload(media("/in/b"), 1)
        try await ledger.upload(media("/in/Z"), 2)
        try await ledger.reject(found("/in/c"), tooLarge, at: at(1))

        let bySection = try await ledger.rows()
        let byRevision = try await ledger.rows(by: .revision)

        #expect(bySection.revision == 4)
        #expect(bySection.rows.map(\.path) == ["/in/Z", "/in/b", "/in/0", "/in/c"])
        #expect(byRevision.rows.map(\.revision) == [1, 2, 3, 4])
        #expect(try await ledger.rowCount() == 4)
    }

    @Test func `what a snapshot's reader throws ends the walk and reaches the caller`() async throws {
        struct Enough: Error {}
        for number in 1...3 { try await ledger.reject(found(FilePath("/in/\(number)")), tooLarge, at: at(1)) }
        let collected = Collected()

        await #expect(throws: Enough.self) {
            try await ledger.snapshot(by: .section, start: { _ in }) { row in
                collected.add(row)
                throw Enough()
            }
        }

        #expect(collected.all.rows.count == 1)
        #expect(try await ledger.rows().rows.count == 3)
    }

    // MARK: Leaving and coming back

    @Test func `an entry whose file left is not present, and is again when it comes back`() async throws {
        let file = media("/in/a")
        try await ledger.upload(file)
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        try await ledger.recordGone(["/in/a"], at: at(6))
        #expect(try await ledger.entry("/in/a")?.present == false)
        #expect(try await ledger.rows().rows.map(\.shown) == [true])
        try await ledger.recordGone(["/in/a"], at: at(7))

        try await ledger.start(file)
        try await ledger.reuse(asset, for: file, movedFrom: nil, at: at(8))
        try await ledger.reuse(asset, for: file, movedFrom: nil, at: at(9))

        #expect(try await ledger.entry("/in/a")?.present == true)
        #expect(try await ledger.state("/in/a") == .uploaded)
        #expect(try await ledger.events() == [.uploaded, .removed, .uploaded])
    }

    @Test func `a rejection whose file left is no longer shown, and still counted`() async throws {
        try await ledger.reject(found("/in/a"), tooLarge, at: at(1))

        try await ledger.recordGone(["/in/a"], at: at(2))

        #expect(try await ledger.row(of: "/in/a")?.shown == false)
        #expect(try await ledger.events() == [.rejected, .removed])
        #expect(try await ledger.rowCount() == 1)
        try await ledger.reject(found("/in/a"), tooLarge, at: at(3))
        #expect(try await ledger.row(of: "/in/a")?.shown == true)
    }

    @Test func `each row beneath a directory that left is a change of its own`() async throws {
        try await ledger.upload(media("/in/d/a"), 1)
        try await ledger.reject(found("/in/d/b"), tooLarge, at: at(1))
        try await ledger.upload(media("/in/d1"), 2)

        try await ledger.recordGone(beneath: "/in/d", at: at(2))

        let changes = try await ledger.changes(after: 3, limit: 9)
        #expect(changes.map(\.row.path) == ["/in/d/a", "/in/d/b"])
        #expect(changes.map(\.row.shown) == [true, false])
        #expect(changes.map(\.event) == [.removed, .removed])
        #expect(try await ledger.entry("/in/d1")?.present == true)
    }

    // MARK: Replacing

    @Test func `a rejection replaces an entry, and an entry a rejection`() async throws {
        try await ledger.upload(media("/in/a"), 1)
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        try await ledger.reject(found("/in/a", 2), tooLarge, at: at(6))
        try await ledger.reject(found("/in/a", 2), tooLarge, at: at(7))
        #expect(try await ledger.entry("/in/a") == nil)
        #expect(try await ledger.paths(ofAsset: asset.id).isEmpty)

        try await ledger.upload(media("/in/a", 3), 2)

        #expect(try await ledger.entry("/in/a")?.sha256 == digest(2))
        #expect(try await ledger.events() == [.uploaded, .rejected, .uploaded])
    }

    // MARK: Moving

    @Test func `a moved file takes its entry along in one change`() async throws {
        try await ledger.upload(media("/in/old"))
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        try await ledger.start(media("/in/new", 1))

        try await ledger.reuse(asset, for: media("/in/new", 1), movedFrom: "/in/old", at: at(6))

        let change = try #require(try await ledger.changes(after: 1, limit: 9).first)
        #expect(change.event == .renamed)
        #expect(change.movedFrom == "/in/old")
        #expect(change.row.path == "/in/new")
        #expect(try await ledger.revision() == 2)
        let byRevision = try await ledger.rows(by: .revision).rows
        #expect(byRevision.map(\.path) == ["/in/old", "/in/new"])
        #expect(byRevision.map(\.shown) == [false, true])
        #expect(byRevision.map(\.revision) == [2, 2])
        #expect(try await ledger.paths(ofAsset: asset.id) == ["/in/new"])
        #expect(try await ledger.state("/in/old") == nil)
        #expect(try await ledger.state("/in/new") == .uploaded)
    }

    @Test func `a file may have come from another path of its inode that shows the asset`() async throws {
        let copy = media("/in/copy").with { $0 = FileVersion(device: 1, inode: 5, size: 11, modified: 1, changed: 1) }
        let elsewhere = media("/in/elsewhere").with {
            $0 = FileVersion(device: 2, inode: .max - 7, size: 11, modified: 1, changed: -1)
        }
        let rejected = media("/in/rejected")
        try await ledger.upload(media("/in/old"))
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        for file in [copy, elsewhere] {
            try await ledger.start(file)
            try await ledger.reuse(asset, for: file, movedFrom: nil, at: at(6))
        }
        try await ledger.enqueue(rejected, at: at(6))
        try await ledger.reject(rejected, tooLarge, at: at(6))
        let new = media("/in/new").after(change: 1)
        try await ledger.start(new)

        #expect(try await ledger.earlierPaths(of: new, showing: asset) == ["/in/old"])
        #expect(try await ledger.earlierPaths(of: media("/in/new", 2), showing: asset) == [])
        #expect(try await ledger.earlierPaths(of: new, showing: KnownAsset(id: asset.id + 1, sha256: digest(1))) == [])
        // Its own path shows the asset: nothing moves there.
        #expect(try await ledger.earlierPaths(of: media("/in/old").after(change: 1), showing: asset) == [])

        try await ledger.recordGone(["/in/old"], at: at(7))
        #expect(try await ledger.earlierPaths(of: new, showing: asset) == ["/in/old"])
    }

    @Test func `of many hard links, some are named`() async throws {
        try await ledger.upload(media("/in/0"))
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        for number in 1..<100 {
            let link = media(FilePath("/in/\(number)"))
            try await ledger.start(link)
            try await ledger.reuse(asset, for: link, movedFrom: nil, at: at(6))
        }

        #expect(try await ledger.earlierPaths(of: media("/in/new"), showing: asset).count == 32)
    }

    @Test func `a new file under the old name keeps its state when the entry moves away`() async throws {
        try await ledger.upload(media("/in/old"))
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        try await ledger.enqueue(media("/in/old", 2), at: at(6))
        try await ledger.start(media("/in/new"))

        try await ledger.reuse(asset, for: media("/in/new"), movedFrom: "/in/old", at: at(7))

        #expect(try await ledger.record(of: "/in/old")?.version == version(2))
    }

    @Test func `a path that does not show the asset is not moved from`() async throws {
        try await ledger.upload(media("/in/a"), 1)
        try await ledger.upload(media("/in/b"), 2)
        let asset = try #require(try await ledger.assets(account: "main", size: 11).last)
        try await ledger.start(media("/in/c"))

        try await ledger.reuse(asset, for: media("/in/c"), movedFrom: "/in/b", at: at(6))

        #expect(try await ledger.events() == [.uploaded, .uploaded, .uploaded])
        #expect(try await ledger.row(of: "/in/b")?.shown == true)
        #expect(try await ledger.state("/in/b") == .uploaded)
    }

    @Test func `known bytes for a version that is no longer the file's change nothing`() async throws {
        try await ledger.upload(media("/in/a"), 1)
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        try await ledger.enqueue(media("/in/b", 2), at: at(6))

        try await ledger.reuse(asset, for: media("/in/b", 1), movedFrom: "/in/a", at: at(7))

        #expect(try await ledger.revision() == 1)
        #expect(try await ledger.state("/in/b") == .queued)
    }
}
