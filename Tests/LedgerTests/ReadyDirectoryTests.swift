import GRDB
import Pipeline
import SystemPackage
import Testing
import Threads

@testable import Ledger

/// When a hook is told that a directory is ready.
@Suite(.timeLimit(.minutes(5))) struct ReadyDirectoryTests {
    private let ledger: SQLiteLedger

    init() throws { ledger = try SQLiteLedger(inMemory: quiet) }

    /// So much later that each directory is due, whatever its pause.
    private static let later = Timestamp.steady().advanced(by: .seconds(100))

    /// Looks once. Returns the facts of the events that came of it, and ends them.
    private func look(at now: Timestamp = later) async throws -> [String] {
        _ = try await ledger.recordReadyDirectories(at: now)
        let events = try await ledger.events(of: "all", dueBy: now, limit: 9)
        for event in events { try await ledger.end(event, failure: nil, at: now) }
        return events.map { "\($0.path.map { "\($0)" } ?? "") \($0.facts)" }
    }

    private func adopt(folder: String? = nil) async throws {
        try await ledger.adopt([HookWish(name: "all", trigger: .folderReady, folder: folder)])
    }

    @Test func `a directory is told once all its files are ready, and again when something is added`() async throws {
        try await adopt()
        try await ledger.upload(media("/in/set/a"), 1)
        try await ledger.enqueue(media("/in/set/b", 2), at: at(1))
        #expect(try await look() == [], "b waits")

        try await ledger.start(media("/in/set/b", 2))
        #expect(try await look(at: Self.later.advanced(by: .seconds(100))) == [], "b goes up")
        try await ledger.upload(media("/in/set/b", 2), 2)
        let told = try await look()
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("/in/set ") == true)
        #expect(told.first?.contains(#""folder":"inbox","files":2,"failed":0"#) == true, "\(told)")
        #expect(try await look() == [], "nothing was added")

        try await ledger.upload(media("/in/set/c", 3), 3)
        #expect(try await look().first?.contains(#""files":3"#) == true)
    }

    @Test func `files that leave after their upload count, those that had left before do not`() async throws {
        try await adopt()
        try await ledger.upload(media("/in/set/old"), 1)
        try await ledger.recordGone(["/in/set/old"], at: at(5))
        _ = try await look()
        try await ledger.upload(media("/in/set/new", 2), 2)
        try await ledger.recordGone(["/in/set/new"], at: .now())

        let told = try await look()
        #expect(told.count == 1 && told.first?.contains(#""files":1"#) == true, "\(told)")
    }

    @Test func `the files of its directories are none of a directory's, wherever their names lie`() async throws {
        try await adopt()
        for (number, name) in ["a", "b/x", "b.jpg", "b0", "c/d/e", "z"].enumerated() {
            try await ledger.upload(media(FilePath("/in/set/\(name)"), Int64(number)), UInt8(number))
        }
        try await ledger.enqueue(media("/in/set/b/waits", 7), at: at(1))
        try await ledger.reject(found("/in/set/y", 8), tooLarge, at: at(1))

        let told = try await look().sorted()

        #expect(told.count == 2, "one directory waits: \(told)")
        #expect(told.first?.hasPrefix("/in/set ") == true)
        #expect(told.first?.contains(#""files":4,"failed":1"#) == true, "\(told)")
        #expect(told.last?.hasPrefix("/in/set/c/d ") == true)
    }

    /// A directory may have a hundred thousand files, and a write that waits holds up all uploads.
    @Test func `the files of a directory are read while others write`() async throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let statements = Mutex<[String]>([])
        try await ledger.adopt([HookWish(name: "all", trigger: .folderReady, folder: nil)])
        try await ledger.upload(media("/in/set/a"), 1)
        try await ledger.database.writeWithoutTransaction { db in
            db.trace { event in
                guard case .statement(let statement) = event else { return }
                let text = statement.sql
                statements.withLock { $0.append(text) }
            }
        }

        let look = try await ledger.recordReadyDirectories(at: Self.later)

        #expect(look.isNews)
        let written = statements.withLock { $0 }
        #expect(written.contains { $0.contains("DELETE FROM hook_directories") })
        #expect(!written.contains { $0.contains("FROM manifest") || $0.contains("FROM files") }, "\(written)")
    }

    @Test func `what is added while a directory is looked at is looked for again`() async throws {
        try await adopt()
        try await ledger.upload(media("/in/a"), 1)
        // Due at once, and so not by the clock.
        try await ledger.write { try $0.run("UPDATE hook_directories SET due = 0") }
        let looks = try await ledger.read { try HooksTable.lookAtDirectories(dueBy: Self.later, in: $0) }
        try await ledger.upload(media("/in/b", 2), 2)

        let isNews = try await ledger.write { try HooksTable.record(looks, at: Self.later, in: $0) }

        #expect(looks.count == 1 && !isNews)
        #expect(try await look().first?.contains(#""files":2"#) == true)
    }

    @Test(arguments: [0, Int64.max / 2])
    func `due times of a process with another clock hold nothing up, and a start makes nothing due`(
        due: Int64
    ) async throws {
        try await adopt()
        try await ledger.upload(media("/in/a"), 1)
        try await ledger.write { try $0.run("UPDATE hook_directories SET due = ?", [due]) }
        try await adopt()

        #expect(try await !ledger.recordReadyDirectories(at: .steady()).isNews)
        #expect(try await ledger.recordReadyDirectories(at: .steady().advanced(by: .seconds(4))).isNews)
    }

    @Test func `a directory is left alone until nothing was added to it for a while`() async throws {
        try await adopt()
        try await ledger.upload(media("/in/a"), 1)

        let look = try await ledger.recordReadyDirectories(at: .steady())

        #expect(!look.isNews)
        #expect(try #require(look.next) > .steady())
        #expect(try await ledger.hasNewDirectories())
    }

    @Test func `an asset that is processed is waited for`() async throws {
        try await adopt()
        try await ledger.upload(media("/in/a"), 1, .processing)
        #expect(try await look() == [])

        let asset = try #require(try await ledger.processing(account: "main", at: at(9), limit: 9).first)
        try await ledger.recordStatus(.ready, of: asset, nextLook: nil, at: at(11))
        #expect(try await look().count == 1)
    }

    @Test func `what can never be ready is counted and not waited for, and alone it is no event`() async throws {
        try await adopt()
        try await ledger.reject(found("/in/no"), tooLarge, at: at(1))
        #expect(try await look() == [])

        try await ledger.upload(media("/in/a"), 1)
        #expect(try await look().first?.contains(#""files":1,"failed":1"#) == true)
    }

    @Test func `a directory within is one of its own, and neighbours do not count`() async throws {
        try await adopt()
        try await ledger.upload(media("/in/set/a"), 1)
        for (number, path) in [(Int64(2), "/in/set/deeper/b"), (3, "/in/set2/c"), (4, "/in/d")] {
            try await ledger.enqueue(media(FilePath(path), number), at: at(1))
        }

        #expect(try await look().map { $0.split(separator: " ")[0] } == ["/in/set"])
    }

    @Test func `a file that leaves is no addition, a renamed one is`() async throws {
        try await adopt()
        try await ledger.upload(media("/in/a"), 1)
        #expect(try await look().count == 1)

        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        try await ledger.start(media("/in/sub/b"))
        try await ledger.reuse(asset, for: media("/in/sub/b"), movedFrom: "/in/a", at: at(6))
        #expect(try await look().map { $0.split(separator: " ")[0] } == ["/in/sub"])
        try await ledger.recordGone(["/in/sub/b"], at: at(7))
        #expect(try await look() == [])
    }

    @Test func `a hook of one folder is told of no other, and without a hook nothing is kept`() async throws {
        try await adopt(folder: "reels")
        try await ledger.upload(media("/in/a"), 1)
        #expect(try await !ledger.hasNewDirectories())

        try await adopt(folder: "inbox")
        try await ledger.upload(media("/in/b", 2), 2)
        #expect(try await ledger.hasNewDirectories())
        try await ledger.adopt([])
        #expect(try await !ledger.hasNewDirectories())
    }
}
