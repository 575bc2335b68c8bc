import GRDB
import Pipeline
import SystemPackage
import Testing
import Threads
import Watch

@testable import Ledger

@Suite struct FileQueueTests {
    private let folder: TemporaryFolder
    private let ledger: SQLiteLedger

    init() throws {
        folder = try TemporaryFolder()
        ledger = try folder.ledger()
    }

    // MARK: What is unhandled

    @Test func `unknown, changed, gone and settling files are unhandled, the others are not`() async throws {
        try await ledger.upload(media("/in/uploaded"))
        try await ledger.upload(media("/in/gone"), 2)
        try await ledger.recordGone(["/in/gone"], at: at(9))
        try await ledger.start(media("/in/uploading"))
        try await ledger.enqueue(media("/in/queued"), at: at(1))
        try await ledger.enqueue(media("/in/changed"), at: at(1))
        try await ledger.reject(found("/in/rejected"), tooLarge, at: at(1))
        try await ledger.recordSettling([settling("/in/settling")], at: at(1))
        let names = ["uploaded", "gone", "uploading", "queued", "rejected", "settling", "unknown"]

        let unhandled = try await ledger.unhandled(
            among: names.map { found(FilePath("/in/\($0)")) } + [found("/in/changed", 2)]
        )

        #expect(unhandled.map(\.path) == ["/in/gone", "/in/settling", "/in/unknown", "/in/changed"])
    }

    @Test func `many files are compared at once`() async throws {
        let files = (0..<300).map { found(FilePath("/in/\($0)")) }
        for file in files.prefix(10) { try await ledger.enqueue(media(file.path), at: at(1)) }

        #expect(try await ledger.unhandled(among: files) == Array(files.dropFirst(10)))
    }

    @Test func `other names of a file are where it was seen with another size or time, and nowhere else`() async throws
    {
        let file = found("/in/a", 7)
        let before = FileVersion(
            device: file.version.device,
            inode: file.version.inode,
            size: 1,
            modified: 1,
            changed: 1
        )
        func seen(_ path: FilePath, _ version: FileVersion, folder: String? = "inbox") async throws {
            let media = MediaFile(
                folder: folder,
                root: "/in",
                path: path,
                version: version,
                account: "main",
                mime: .jpeg,
                kind: .image,
                uploadName: "a"
            )
            try await ledger.enqueue(media, at: at(1))
        }
        var (elsewhere, touched) = (before, file.version)
        elsewhere.device += 1
        touched.changed += 1
        try await seen("/in/a", before)
        try await seen("/in/b", before)
        try await seen("/other/c", before, folder: "other")
        try await seen("/in/left", before)
        try await ledger.recordGone(["/in/left"], at: at(2))
        try await seen("/pushed", before, folder: nil)
        try await seen("/in/elsewhere", elsewhere)
        try await seen("/in/touched", touched)

        let names = try await ledger.otherNames(of: [file], limit: 9)

        #expect(names == ["inbox": ["/in/b"], "other": ["/other/c"]])
        #expect(try await ledger.otherNames(of: [file], limit: 2) == ["inbox": ["/in/b"]])
    }

    @Test func `paths and versions come back bit by bit, UTF-8 or not`() async throws {
        let odd = FilePath(platformString: [47, 105, 110, 47, -1, -2, 10, 0])
        let file = MediaFile(
            folder: nil,
            root: odd,
            path: odd,
            version: FileVersion(device: .max, inode: 1 << 63, size: .max, modified: .min, changed: -1),
            account: "main",
            mime: .heic,
            kind: .document,
            uploadName: "ü"
        )
        try await ledger.enqueue(file, at: at(1))

        #expect(try await ledger.claim(account: "main", .oldest(1), at: at(1)) == [QueuedFile(file, attempts: 0)])
        #expect(try await ledger.waiting(limit: 1).map(\.path) == [odd])
    }

    // MARK: Settling, queueing, rejecting

    @Test func `a settling file has its reason, and the newest one counts`() async throws {
        try await ledger.recordSettling([settling("/in/a")], at: at(1))
        try await ledger.recordSettling([settling("/in/a", reason: "held open by 42")], at: at(2))

        let record = try await ledger.record(of: "/in/a")
        #expect(record?.state == .settling)
        #expect(record?.reason == "held open by 42")
        #expect(record?.folder == "inbox")
        #expect(record?.updatedAt == at(2))
    }

    @Test func `a version that was dealt with does not settle again`() async throws {
        try await ledger.upload(media("/in/a"))

        try await ledger.recordSettling([settling("/in/a")], at: at(9))

        #expect(try await ledger.state("/in/a") == .uploaded)
    }

    @Test func `a new version replaces state, attempts and ticket`() async throws {
        try await ledger.start(media("/in/a"))
        try await ledger.beginUpload(of: media("/in/a"), at: at(2))
        try await ledger.postpone(
            media("/in/a"),
            Postponement(.retry, reason: "no network", due: at(3), attempted: true)
        )

        try await ledger.enqueue(media("/in/a", 2), at: at(4))

        #expect(try await ledger.upload(of: media("/in/a")) == nil)
        let record = try await ledger.record(of: "/in/a")
        #expect(record?.version == version(2))
        #expect(record?.attempts == 0)
        #expect(record?.reason == "")
        #expect(record?.due == .atOnce)
    }

    @Test(arguments: [FileState.queued, .uploading, .uploaded])
    func `the same version is not queued twice`(state: FileState) async throws {
        let file = media("/in/a")
        switch state {
        case .uploading: try await ledger.start(file)
        case .uploaded: try await ledger.upload(file)
        default: try await ledger.enqueue(file, at: at(1))
        }

        try await ledger.enqueue(file, at: at(9))

        let record = try await ledger.record(of: "/in/a")
        #expect(record?.state == state)
        #expect(record?.updatedAt != at(9))
    }

    @Test func `a rejected file that is queued again is shown as rejected no longer`() async throws {
        try await ledger.reject(found("/in/a"), tooLarge, at: at(1))
        #expect(try await ledger.record(of: "/in/a")?.reason == tooLarge.reason)

        try await ledger.enqueue(media("/in/a"), at: at(2))

        #expect(try await ledger.state("/in/a") == .queued)
        #expect(try await ledger.events() == [.rejected, .removed])
        #expect(try await ledger.row(of: "/in/a")?.shown == false)
    }

    @Test func `a file that waits goes through the account that it was queued for last`() async throws {
        try await ledger.enqueue(media("/in/a", account: "gone"), at: at(1))

        try await ledger.enqueue(media("/in/a"), at: at(2))

        #expect(try await ledger.record(of: "/in/a")?.account == "main")
        #expect(try await ledger.claim(account: "gone", .oldest(9), at: at(3)).isEmpty)
        #expect(try await ledger.claim(account: "main", .oldest(9), at: at(3)).count == 1)
    }

    // MARK: Leaving

    @Test func `a file that left is not known any more, whatever its state, and what was begun stays`() async throws {
        try await ledger.start(media("/in/a"))
        try await ledger.beginUpload(of: media("/in/a"), at: at(2))
        try await ledger.enqueue(media("/in/b"), at: at(2))
        try await ledger.recordSettling([settling("/in/c")], at: at(2))

        try await ledger.recordGone(["/in/a", "/in/b", "/in/c", "/in/never"], at: at(3))

        #expect(try await ledger.counts() == [:])
        #expect(try await ledger.upload(of: media("/in/a"))?.askedAt == at(2))
        #expect(try await ledger.claim(account: "main", .oldest(9), at: at(9)).isEmpty)
    }

    @Test func `a claimed file that left is not put back by its worker`() async throws {
        let file = media("/in/a")
        try await ledger.start(file)
        try await ledger.recordGone(["/in/a"], at: at(2))

        try await ledger.postpone(file, Postponement(.retry, reason: "no network", due: at(3), attempted: true))
        try await ledger.returnToSettling(file, reason: "changed", at: at(3))
        try await ledger.reject(file, tooLarge, at: at(3))

        #expect(try await ledger.state("/in/a") == nil)
        #expect(try await ledger.revision() == 0)
    }

    @Test func `what lies beneath a directory leaves with it, its neighbours stay`() async throws {
        for path: FilePath in ["/in/d/a", "/in/d/e/b", "/in/d", "/in/d-1", "/in/d0", "/in/c"] {
            try await ledger.enqueue(media(path), at: at(1))
        }

        try await ledger.recordGone(beneath: "/in/d", at: at(2))

        #expect(try await ledger.present(in: "inbox", after: nil, limit: 9) == ["/in/c", "/in/d", "/in/d-1", "/in/d0"])
        try await ledger.recordGone(beneath: "/", at: at(3))
        #expect(try await ledger.counts() == [:])
    }

    @Test func `present files are told in byte order, a page at a time, of one folder`() async throws {
        try await ledger.upload(media("/in/b"))
        try await ledger.reject(found("/in/a"), tooLarge, at: at(1))
        try await ledger.recordSettling([settling("/in/Z")], at: at(1))
        try await ledger.enqueue(media("/in/c"), at: at(1))
        try await ledger.enqueue(media("/other/x", folder: "other"), at: at(1))
        try await ledger.recordGone(["/in/c"], at: at(2))

        #expect(try await ledger.present(in: "inbox", after: nil, limit: 2) == ["/in/Z", "/in/a"])
        #expect(try await ledger.present(in: "inbox", after: "/in/a", limit: 2) == ["/in/b"])
    }

    @Test func `those that wait are told oldest first`() async throws {
        try await ledger.enqueue(media("/in/z"), at: at(5))
        try await ledger.recordSettling([settling("/in/y")], at: at(4))
        try await ledger.start(media("/in/x", account: "other"), at: at(3))
        try await ledger.upload(media("/in/done", account: "third"))

        #expect(try await ledger.waiting(limit: 2).map(\.path) == ["/in/z", "/in/y"])
        #expect(try await ledger.waiting(limit: 9).map(\.state) == [.queued, .settling, .uploading])
    }

    @Test func `a folder of thousands gets its name in one pass over files and departures`() async throws {
        let ledger = try SQLiteLedger(inMemory: quiet)
        let paths = (0..<2 * GroupCommit.largestGroup + 1).map { FilePath("/in/\($0)") }
        for path in paths { try await ledger.reject(found(path), tooLarge, at: at(1)) }
        let passes = Mutex(0)
        try await ledger.database.writeWithoutTransaction { db in
            db.trace { event in
                guard case .statement(let statement) = event else { return }
                let begins = ["UPDATE files SET folder", "UPDATE departures SET folder"]
                if begins.contains(where: statement.sql.hasPrefix) { passes.withLock { $0 += 1 } }
            }
        }

        try await ledger.nameFolders([WatchedFolder(name: "new", path: "/in")])

        #expect(passes.withLock { $0 } == 2)
        let rows = try await ledger.rows().rows
        #expect(rows.count == paths.count && rows.allSatisfy { $0.json.contains(#""folder":"new""#) })
        #expect(try await ledger.record(of: "/in/1000")?.folder == "new")
    }

    @Test func `an unknown path has no record`() async throws {
        #expect(try await ledger.record(of: "/in/never") == nil)
    }
}
