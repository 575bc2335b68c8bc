import GRDB
import Pipeline
import SystemPackage
import Testing
import Watch

@testable import Ledger

@Suite struct ClaimTests {
    private let folder: TemporaryFolder
    private let ledger: SQLiteLedger

    init() throws {
        folder = try TemporaryFolder()
        ledger = try folder.ledger()
    }

    @Test func `the oldest of the account go first, and none twice`() async throws {
        for path: FilePath in ["/in/c", "/in/a", "/in/b"] { try await ledger.enqueue(media(path), at: at(1)) }
        try await ledger.enqueue(media("/in/x", account: "other"), at: at(0))

        let first = try await ledger.claim(account: "main", .oldest(2), at: at(1))
        let second = try await ledger.claim(account: "main", .oldest(2), at: at(1))

        #expect(first.map(\.file.path) == ["/in/c", "/in/a"])
        #expect(second.map(\.file) == [media("/in/b")])
        #expect(try await ledger.counts() == [.uploading: 3, .queued: 1])
    }

    private func queue(_ files: [(path: FilePath, number: Int64)]) async throws {
        for (path, number) in files { try await ledger.enqueue(media(path, number), at: at(1)) }
    }

    @Test(arguments: [
        (Portion.oldest(4), ["/a", "/b", "/v", "/c"]), (.oldest(3, large: 1...2), ["/v", "/a", "/b"]),
        (.oldest(4, large: 1...2), ["/v", "/a", "/b", "/c"]),
        (.oldest(9, large: 0...1), ["/a", "/b", "/v", "/c", "/d"]),
        (.oldest(9, large: 0...0), ["/a", "/b", "/c", "/d"]), (.oldest(1, large: 2...2), ["/v"]),
        (.oldest(0), []), (.smallest, ["/d"]),
    ])
    func `a portion has its share of large files, those that are owed first`(portion: Portion, paths: [FilePath])
        async throws
    {
        try await queue([("/a", 3), ("/b", 3), ("/v", 9), ("/c", 3), ("/w", 10), ("/d", 2)])

        #expect(try await ledger.claim(account: "main", portion, at: at(1)).map(\.file.path) == paths)
    }

    @Test func `where no large file is due, small ones take its place, and a file that waits is passed over`()
        async throws
    {
        try await ledger.start(media("/v", 9))
        try await ledger.start(media("/s", 1))
        try await queue([("/a", 3), ("/b", 3)])
        for file in [media("/v", 9), media("/s", 1)] {
            try await ledger.postpone(file, Postponement(.retry, reason: "", due: at(50), attempted: true))
        }

        #expect(try await ledger.claim(account: "main", .smallest, at: at(49)).map(\.file.path) == ["/a"])
        let claimed = try await ledger.claim(account: "main", .oldest(2, large: 1...1), at: at(49))
        #expect(claimed.map(\.file.path) == ["/b"])
    }

    @Test func `what is held back is not taken, whatever its size, and nothing is due for it`() async throws {
        try await queue([("/in/large", Portion.largeSize), ("/in/small", 1)])
        let files = HeldBack(roots: [], files: ["/in/large", "/in/none"])
        let folder = HeldBack(roots: ["/in"], files: ["/in/small"])

        #expect(try await ledger.claim(account: "main", .oldest(9), except: folder, at: at(1)).isEmpty)
        #expect(try await ledger.claim(account: "main", .smallest, except: folder, at: at(1)).isEmpty)
        #expect(try await ledger.nextDue(account: "main", except: folder) == nil)
        #expect(try await ledger.nextDue(account: "main", except: files) == .atOnce)
        let taken = try await ledger.claim(account: "main", .oldest(9), except: files, at: at(1))
        #expect(taken.map(\.file.path) == ["/in/small"])
        #expect(try await ledger.claim(account: "main", .smallest, at: at(1)).map(\.file.path) == ["/in/large"])
    }

    @Test func `of a directory that is held back no file is taken, and of no other`() async throws {
        try await queue([("/in/sub/a", 1), ("/in/sub/deep/b", 2), ("/in/sub2/c", 3), ("/in/sub", 4), ("/in/z/d", 5)])
        let held = HeldBack(roots: [], files: [], directories: ["/in/sub", "/in/y", "/in/z"])

        let smallest = try await ledger.claim(account: "main", .smallest, except: held, at: at(1))
        #expect(smallest.map(\.file.path) == ["/in/sub2/c"])
        let oldest = try await ledger.claim(account: "main", .oldest(9), except: held, at: at(1))
        #expect(oldest.map(\.file.path) == ["/in/sub"])
        #expect(try await ledger.nextDue(account: "main", except: held) == nil)
        let free = try await ledger.claim(account: "main", .oldest(9), at: at(1))
        #expect(free.map(\.file.path) == ["/in/sub/a", "/in/sub/deep/b", "/in/z/d"])
    }

    @Test func `a postponed file comes back when it is due, with its attempts and its place`() async throws {
        try await ledger.start(media("/in/a"))
        try await ledger.enqueue(media("/in/b"), at: at(2))
        try await ledger.postpone(
            media("/in/a"),
            Postponement(.retry, reason: "no network", due: at(50), attempted: true)
        )

        #expect(try await ledger.nextDue(account: "main") == .atOnce)
        #expect(try await ledger.record(of: "/in/a")?.reason == "no network")
        #expect(try await ledger.record(of: "/in/a")?.due == at(50))
        #expect(try await ledger.claim(account: "main", .oldest(1), at: at(49)).map(\.file.path) == ["/in/b"])
        #expect(try await ledger.claim(account: "main", .oldest(1), at: at(49)).isEmpty)
        #expect(try await ledger.nextDue(account: "main") == at(50))
        #expect(
            try await ledger.claim(account: "main", .oldest(1), at: at(50)) == [QueuedFile(media("/in/a"), attempts: 1)]
        )
        #expect(try await ledger.nextDue(account: "main") == nil)
    }

    @Test func `however many files wait for their next try, a claim reads those alone that are due`() async throws {
        for number in 0..<2000 {
            let file = media(FilePath("/in/\(number)"))
            try await ledger.start(file)
            try await ledger.postpone(
                file,
                Postponement(.retry, reason: "500", due: at(number == 1234 ? 40 : 50), attempted: true)
            )
        }

        #expect(try await ledger.claim(account: "main", .oldest(9), at: at(40)).map(\.file.path) == ["/in/1234"])
        let due = try await ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM files WHERE due = 0") }
        #expect(due == 0)
        #expect(try await ledger.claim(account: "main", .oldest(2), at: at(50)).map(\.file.path) == ["/in/0", "/in/1"])
    }

    @Test func `waiting for the account costs no attempt`() async throws {
        try await ledger.start(media("/in/a"))

        try await ledger.postpone(media("/in/a"), Postponement(.retry, reason: "key refused", due: at(2)))

        #expect(try await ledger.claim(account: "main", .oldest(1), at: at(2)).map(\.attempts) == [0])
    }

    @Test func `a clock that jumped back does not stop the queue`() async throws {
        try await ledger.start(media("/in/near"))
        try await ledger.postpone(
            media("/in/near"),
            Postponement(.retry, reason: "", due: at(960_000), attempted: true)
        )
        try await ledger.start(media("/in/far"))
        try await ledger.postpone(media("/in/far"), Postponement(.retry, reason: "", due: at(960_001), attempted: true))

        #expect(try await ledger.claim(account: "main", .oldest(9), at: at(0)).map(\.file.path) == ["/in/far"])
    }

    @Test func `what was uploading when the process ended is queued again, due at once, with its ticket`() async throws
    {
        try await ledger.start(media("/in/a"))
        try await ledger.beginUpload(of: media("/in/a"), at: at(2))
        try ledger.close()
        let next = try folder.ledger()

        try await next.recover(at: at(9))

        #expect(try await next.nextDue(account: "main") == .atOnce)
        #expect(try await next.claim(account: "main", .oldest(1), at: at(9)).map(\.file) == [media("/in/a")])
        #expect(try await next.upload(of: media("/in/a"))?.askedAt == at(2))
    }

    @Test func `a claimed file that left takes no other file with it that has come to its path`() async throws {
        try await ledger.start(media("/in/a"))
        try await ledger.enqueue(media("/in/a", 2), at: at(2))

        try await ledger.recordGone(media("/in/a"), at: at(3))
        #expect(try await ledger.record(of: "/in/a")?.state == .queued)

        _ = try await ledger.claim(account: "main", .oldest(9), at: at(4))
        try await ledger.recordGone(media("/in/a", 2), at: at(5))
        #expect(try await ledger.record(of: "/in/a") == nil)
    }

    @Test func `a claimed file that changed settles anew and keeps its attempts`() async throws {
        try await ledger.start(media("/in/a"))
        try await ledger.postpone(media("/in/a"), Postponement(.retry, reason: "", due: at(1), attempted: true))
        _ = try await ledger.claim(account: "main", .oldest(1), at: at(1))

        try await ledger.returnToSettling(media("/in/a"), reason: "it changed", at: at(2))
        #expect(try await ledger.record(of: "/in/a")?.reason == "it changed")
        try await ledger.enqueue(media("/in/a"), at: at(3))

        #expect(try await ledger.claim(account: "main", .oldest(1), at: at(3)).map(\.attempts) == [1])
    }

    @Test func `calls about a version that is no longer the file's do nothing`() async throws {
        let old = media("/in/a", 1)
        try await ledger.start(old)
        try await ledger.start(media("/in/a", 2), at: at(2))
        let before = try await ledger.record(of: "/in/a")

        try await ledger.postpone(old, Postponement(.retry, reason: "late", due: at(9), attempted: true))
        try await ledger.returnToSettling(old, reason: "late", at: at(9))
        try await ledger.reject(old, tooLarge, at: at(9))

        #expect(before?.state == .uploading)
        #expect(try await ledger.record(of: "/in/a") == before)
        #expect(try await ledger.revision() == 0)
    }

    @Test func `the provider's refusal is the file's reason and the manifest's`() async throws {
        try await ledger.start(media("/in/a"))
        let refusal = Rejection(.refusedByProvider, "unprocessable: \"bad moov\"")

        try await ledger.reject(media("/in/a"), refusal, at: at(7))

        #expect(try await ledger.state("/in/a") == .rejected)
        let expected = ManifestRejection(folder: "inbox", rejection: refusal, at: at(7), revision: 1)
        #expect(try await ledger.row(of: "/in/a") == ManifestRow(path: "/in/a", content: .rejected(expected)))
    }
}
