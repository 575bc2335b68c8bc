import Pipeline
import SystemPackage
import Testing

@testable import Ledger

/// When a hook is told that a directory is ready.
@Suite(.timeLimit(.minutes(1))) struct ReadyDirectoryTests {
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

    @Test func `due times of a process with another clock hold nothing up`() async throws {
        try await adopt()
        try await ledger.upload(media("/in/a"), 1)
        try await adopt()

        #expect(try await ledger.recordReadyDirectories(at: .steady()).isNews)
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
