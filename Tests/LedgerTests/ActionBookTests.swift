import GRDB
import Pipeline
import SystemPackage
import Testing

@testable import Ledger

/// What people ask of the ledger: pauses, other tries, entries to forget.
@Suite struct ActionBookTests {
    private let ledger: SQLiteLedger
    private let file = media("/in/a")

    init() throws {
        ledger = try SQLiteLedger(inMemory: quiet)
    }

    private func retry(_ paths: FilePath..., watched: Set<String> = ["inbox"]) async throws -> [RetriedFile] {
        try await ledger.retry(paths, watched: watched, at: at(50))
    }

    private func lastStep(_ path: FilePath) async throws -> FileStep.Kind? {
        try await ledger.steps(of: path).last?.kind
    }

    // MARK: Retry

    @Test func `a file that waits for its next try is due at once, and its tries do not count`() async throws {
        try await ledger.start(file)
        try await ledger.postpone(file, Postponement(.retry, reason: "500", due: at(900_000), attempted: true))

        let first = try await retry("/in/a")
        let second = try await retry("/in/a")

        #expect(first.map(\.outcome) == [.due] && first[0].isChanged && first[0].account == "main")
        #expect(second.map(\.outcome) == [.due] && !second[0].isChanged)
        let record = try #require(try await ledger.record(of: "/in/a"))
        #expect(record.cause == nil && record.attempts == 0 && record.state == .queued)
        #expect(try await lastStep("/in/a") == .retried)
        #expect(try await ledger.claim(account: "main", .oldest(9), at: at(51)).map(\.file.path) == ["/in/a"])
    }

    @Test func `a rejected file of a watched folder settles anew, and its rejection stays until then`() async throws {
        try await ledger.reject(found("/in/a"), tooLarge, at: at(1))

        let retried = try await retry("/in/a")

        #expect(retried.map(\.outcome) == [.settles])
        #expect(try await ledger.state("/in/a") == .settling)
        #expect(try await ledger.unhandled(among: [found("/in/a")]).count == 1)
        #expect(try await ledger.row(of: "/in/a")?.shown == true)
        #expect(try await lastStep("/in/a") == .retried)
        try await ledger.upload(file)
        #expect(try await ledger.entry("/in/a")?.receipt.mediaID == "m1")
    }

    @Test func `a file whose asset failed settles, and its bytes go up anew`() async throws {
        try await ledger.upload(file, 1, .failed)
        #expect(try await ledger.withFailedAssets().map(\.path) == ["/in/a"])

        #expect(try await retry("/in/a").map(\.outcome) == [.settles])

        #expect(try await ledger.withFailedAssets().isEmpty)
        try await ledger.enqueue(file, at: at(60))
        #expect(try await ledger.state("/in/a") == .queued)
        #expect(try await ledger.book(of: "main").hasAssets(ofSize: file.size) == false)
    }

    @Test func `what cannot be tried says why`() async throws {
        try await ledger.upload(media("/in/up"), 1)
        try await ledger.recordSettling([settling("/in/new")], at: at(1))
        try await ledger.upload(media("/in/left"), 2)
        try await ledger.recordGone(["/in/left"], at: at(9))
        try await ledger.reject(found("/in/bad"), tooLarge, at: at(1))

        let paths: [FilePath] = ["/in/up", "/in/new", "/in/left", "/in/bad", "/in/none"]
        let retried = try await ledger.retry(paths, watched: [], at: at(50))

        #expect(retried.map(\.outcome) == [.uploaded, .underWay, .gone, .unwatched, .unknown])
        #expect(retried.filter(\.isChanged).isEmpty)
        #expect(try await ledger.state("/in/bad") == .rejected)
    }

    /// Nobody watches its place, so it does not settle.
    @Test func `a rejected file that was pushed by name is queued again`() async throws {
        let pushed = media("/else/a", folder: nil)
        try await ledger.start(pushed)
        try await ledger.reject(pushed, Rejection(.refusedByProvider, "no"), at: at(2))

        #expect(try await retry("/else/a").map(\.outcome) == [.due])

        #expect(try await ledger.claim(account: "main", .oldest(1), at: at(60)).map(\.file) == [pushed])
        #expect(try await ledger.row(of: "/else/a")?.shown == false)
    }

    @Test func `files that another try may help are found a page at a time, of all folders`() async throws {
        for number in 0..<5 {
            let file = media(FilePath("/in/\(number)"), 1, folder: number == 4 ? "other" : "inbox")
            try await ledger.start(file)
            try await ledger.postpone(file, Postponement(.retry, reason: "500", due: at(900_000)))
        }
        try await ledger.enqueue(media("/in/turn"), at: at(1))
        try await ledger.reject(found("/in/bad"), tooLarge, at: at(1))

        let first = try await ledger.retryable(.queued, after: 0, limit: 3)
        let second = try await ledger.retryable(.queued, after: first.last?.number ?? 0, limit: 3)

        #expect((first + second).map(\.path) == ["/in/0", "/in/1", "/in/2", "/in/3", "/in/4"])
        #expect((first + second).map(\.folder) == ["inbox", "inbox", "inbox", "inbox", "other"])
        #expect(first.allSatisfy { $0.cause == .retry && $0.account == "main" })
        #expect(try await ledger.retryable(.rejected, after: 0, limit: 9).map(\.path) == ["/in/bad"])
    }

    // MARK: Pauses

    private func account(_ name: String, _ address: String = "https://a", key: String = "k") -> ConfiguredAccount {
        ConfiguredAccount(name: name, identity: .at(address, key: key))
    }

    private func record(_ path: FilePath = "/in/a") async throws -> FileRecord {
        try #require(try await ledger.record(of: path))
    }

    @Test func `a pause of an account outlasts a new key and then a new name`() async throws {
        func adopt(_ accounts: ConfiguredAccount...) async throws {
            _ = try await ledger.adopt(accounts, folders: [:], at: at(3))
        }
        let other = account("other", "https://b")
        try await adopt(account("main"), other)
        try await ledger.pause([.init(account("main"))], at: at(1))

        try await adopt(account("main", key: "k2"), other)
        try await adopt(account("reels", key: "k2"), other)

        #expect(try await ledger.pauses().shown == [Pause(.init(account("reels", key: "k2")), since: at(1))])
        // Away for a while, it is still paused when it comes back; the name alone is no account.
        try await adopt(account("reels", "https://c"))
        try await adopt(account("main"))
        #expect(try await ledger.pauses().shown == [Pause(.init(account("main")), since: at(1))])
        try await adopt(account("reels", key: "k2"))
        #expect(try await ledger.pauses().shown == [Pause(.init(account("reels", key: "k2")), since: at(1))])
        try await ledger.resume([.init(account("reels", key: "k2"))])
        #expect(try await ledger.pauses().isEmpty)
    }

    @Test func `a pause is recorded once, keeps its time, and ends`() async throws {
        let subjects: [Pause.Subject] = [.all, .init(account("main")), .folder(name: "inbox", path: "/in")]
        for time in [1, 2] as [Int64] { try await ledger.pause(subjects, at: at(time)) }
        #expect(try await ledger.pauses() == subjects.map { Pause($0, since: at(1)) })

        try await ledger.resume([subjects[1]])
        #expect(try await ledger.pauses().map(\.subject) == [subjects[0], subjects[2]])
        try await ledger.resume(nil)
        #expect(try await ledger.pauses().isEmpty)
    }

    @Test func `an account's pause follows the account, not its name`() async throws {
        _ = try await ledger.adopt([account("main")], folders: nil, at: at(1))
        try await ledger.pause([.init(account("main"))], at: at(2))
        try await ledger.enqueue(file, at: at(3))
        #expect(try await ledger.pause(of: record()) != nil)

        // The name has another key for the same target.
        _ = try await ledger.adopt([account("main", key: "new")], folders: nil, at: at(4))
        #expect(try await ledger.pause(of: record()) != nil)
        // Another target stands under the name.
        _ = try await ledger.adopt([account("main", "https://b")], folders: nil, at: at(5))
        #expect(try await ledger.pause(of: record()) == nil)
        // The account has another name.
        let renamed = media("/in/b", account: "second")
        try await ledger.enqueue(renamed, at: at(6))
        _ = try await ledger.adopt([account("second")], folders: nil, at: at(7))
        #expect(try await ledger.pause(of: record("/in/b")) != nil)
    }

    @Test func `a folder's pause holds for files beneath its path alone, and for queued ones`() async throws {
        try await ledger.pause([.folder(name: "inbox", path: "/in")], at: at(1))
        try await ledger.upload(media("/in/up", 2), 2)
        try await ledger.enqueue(file, at: at(2))

        #expect(try await ledger.pause(of: record())?.subject.name == "inbox")
        #expect(try await ledger.pause(of: record("/in/up")) == nil)
        try await ledger.resume([.folder(name: "renamed", path: "/in")])
        try await ledger.pause([.folder(name: "inbox", path: "/other")], at: at(1))
        #expect(try await ledger.pause(of: record()) == nil)
    }

    // MARK: Forget

    @Test func `the entry of a file that left is forgotten, with all that is kept of the path`() async throws {
        try await ledger.upload(file)
        try await ledger.recordGone(["/in/a"], at: at(9))

        let first = try await ledger.forget(["/in/a"], at: at(10))
        let second = try await ledger.forget(["/in/a"], at: at(11))

        #expect(first == [ForgottenFile("/in/a", .forgotten)] && second == [ForgottenFile("/in/a", .unknown)])
        #expect(try await ledger.events() == [.uploaded, .removed, .forgotten])
        #expect(try await ledger.record(of: "/in/a") == nil)
        #expect(try await ledger.steps(of: "/in/a").isEmpty)
        #expect(try await ledger.row(of: "/in/a")?.shown == false)
        // A journal that is replaced says the same.
        #expect(try await ledger.rows(by: .revision).rows.map(\.standing) == [.forgotten])
        // The bytes are still known.
        #expect(try await ledger.assets(account: "main", size: file.size).count == 1)
        try await ledger.upload(file, 1)
        #expect(try await ledger.rows(by: .revision).rows.map(\.standing) == [.uploaded])
    }

    @Test func `an entry stays while its file is there, rejected, or on its way again`() async throws {
        try await ledger.upload(file)
        try await ledger.reject(found("/in/bad", 2), tooLarge, at: at(1))
        try await ledger.upload(media("/in/back", 3), 3)
        try await ledger.recordGone(["/in/back"], at: at(9))
        try await ledger.recordSettling([settling("/in/back", 4)], at: at(10))
        let revision = try await ledger.revision()

        let outcomes = try await ledger.forget(["/in/a", "/in/bad", "/in/back", "/in/none"], at: at(11))

        #expect(outcomes.map(\.outcome) == [.present, .present, .present, .unknown])
        #expect(try await ledger.revision() == revision)
    }

    @Test func `entries whose files left long ago are forgotten, and no others`() async throws {
        for (number, name) in ["/in/a", "/in/b"].enumerated() {
            try await ledger.upload(media(FilePath(name), Int64(number + 1)), UInt8(number + 1))
        }
        try await ledger.recordGone(["/in/a"], at: .now())

        try await ledger.forgetLeft(before: Timestamp.now().advanced(by: .seconds(-60)))
        #expect(try await ledger.events() == [.uploaded, .uploaded, .removed])
        try await ledger.forgetLeft(before: Timestamp.now().advanced(by: .seconds(60)))
        #expect(try await ledger.events() == [.uploaded, .uploaded, .removed, .forgotten])
        #expect(try await ledger.entry("/in/b")?.present == true)
    }

    @Test func `files that came back keep no entry of the others from being forgotten`() async throws {
        for number in 0..<300 {
            let path = FilePath("/in/\(number)")
            try await ledger.upload(media(path, Int64(number)), UInt8(number % 250))
            try await ledger.recordGone([path], at: .now())
            if number < 280 { try await ledger.recordSettling([settling(path, 1000 + Int64(number))], at: at(10)) }
        }

        try await ledger.forgetLeft(before: Timestamp.now().advanced(by: .seconds(60)))

        #expect(try await ledger.events().count { $0 == .forgotten } == 20)
    }

    @Test func `a pushed file whose newer version is let go of is there until it leaves`() async throws {
        let pushed = media("/elsewhere/a", folder: nil)
        try await ledger.upload(pushed)
        try await ledger.start(media("/elsewhere/a", 2, folder: nil))
        try await ledger.returnToSettling(media("/elsewhere/a", 2, folder: nil), reason: "changed", at: at(7))

        try await ledger.tidy(at: at(8))

        #expect(try await ledger.record(of: pushed.path)?.state == .gone)
        #expect(try await ledger.entry(pushed.path)?.present == true)
        #expect(try await ledger.unwatched(by: [], after: nil, limit: 9).map(\.path) == [pushed.path])
    }

    @Test func `an entry whose file was moved away is forgotten, too`() async throws {
        try await ledger.start(file)
        try await ledger.complete(
            file,
            provider: "postbreeze",
            sha256: digest(1),
            receipt: receipt("m1"),
            leaving: .move("/done"),
            at: at(5)
        )
        let departure = try #require(try await ledger.departures(of: "inbox", dueBy: .now(), limit: 1).first)
        try await ledger.finish(departure, movedTo: "/done/a")

        try await ledger.forgetLeft(before: Timestamp.now().advanced(by: .seconds(60)))

        #expect(try await ledger.events().last == .forgotten)
    }
}
