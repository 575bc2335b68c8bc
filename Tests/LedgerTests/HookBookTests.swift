import GRDB
import Pipeline
import SystemPackage
import Testing
import Watch

@testable import Ledger

@Suite(.timeLimit(.minutes(5))) struct HookBookTests {
    private let ledger: SQLiteLedger

    init() throws { ledger = try SQLiteLedger(inMemory: quiet) }

    private func wish(_ trigger: HookTrigger, _ name: String? = nil, folder: String? = nil) -> HookWish {
        HookWish(name: name ?? trigger.rawValue, trigger: trigger, folder: folder)
    }

    private func due(_ hook: String, by time: Int64 = 1) async throws -> [HookEvent] {
        try await ledger.events(of: hook, dueBy: at(time), limit: 100)
    }

    @Test func `an upload is one event for each hook that wants it, in the commit that shows it`() async throws {
        try await ledger.adopt([
            wish(.uploaded), wish(.ready), wish(.rejected), wish(.uploaded, "twice"),
            wish(.uploaded, "r", folder: "reels"),
        ])

        try await ledger.upload(media("/in/a"))

        for hook in ["uploaded", "ready", "twice"] {
            let events = try await due(hook)
            #expect(events.map(\.path) == ["/in/a"], "\(hook)")
            #expect(events.first?.facts.contains(#""mediaId":"m1""#) == true)
        }
        #expect(try await due("rejected").isEmpty)
        #expect(try await due("r").isEmpty)
    }

    @Test func `an asset is ready once, when its provider says so`() async throws {
        try await ledger.adopt([wish(.uploaded), wish(.ready)])
        try await ledger.upload(media("/in/a"), 1, .processing)
        #expect(try await due("ready").isEmpty)
        #expect(try await due("uploaded").count == 1)

        let asset = try #require(try await ledger.processing(account: "main", at: at(9), limit: 9).first)
        try await ledger.recordStatus(.processing, of: asset, nextLook: at(20), at: at(10))
        #expect(try await due("ready").isEmpty)
        try await ledger.recordStatus(.ready, of: asset, nextLook: nil, at: at(11))
        try await ledger.recordStatus(.ready, of: asset, nextLook: nil, at: at(12))

        let events = try await due("ready")
        #expect(events.map(\.path) == ["/in/a"])
        #expect(events.first?.facts.contains(#""status":"ready""#) == true)
    }

    @Test func `an asset that its provider could not process is never ready`() async throws {
        try await ledger.adopt([wish(.ready)])
        try await ledger.upload(media("/in/a"), 1, .processing)
        let asset = try #require(try await ledger.processing(account: "main", at: at(9), limit: 9).first)

        try await ledger.recordStatus(.failed, of: asset, nextLook: nil, at: at(11))

        #expect(try await ledger.countEvents(of: "ready") == 0)
    }

    @Test func `a rename, a leaving and the same rejection again are no events`() async throws {
        try await ledger.adopt([wish(.uploaded), wish(.ready), wish(.rejected)])
        try await ledger.upload(media("/in/a"))
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        try await ledger.start(media("/in/b"))
        try await ledger.reuse(asset, for: media("/in/b"), movedFrom: "/in/a", at: at(6))
        try await ledger.recordGone(["/in/b"], at: at(7))
        try await ledger.reject(found("/in/c"), tooLarge, at: at(8))
        try await ledger.reject(found("/in/c"), tooLarge, at: at(9))

        #expect(try await due("uploaded").map(\.path) == ["/in/a"])
        #expect(try await due("ready").map(\.path) == ["/in/a"])
        #expect(try await due("rejected").map(\.path) == ["/in/c"])
    }

    @Test func `a new name of a folder is no event of its files`() async throws {
        try await ledger.adopt([wish(.rejected), wish(.uploaded)])
        try await ledger.nameFolders([WatchedFolder(name: "inbox", path: "/in")])
        try await ledger.reject(found("/in/a"), tooLarge, at: at(1))
        for event in try await due("rejected") { try await ledger.end(event, failure: nil, at: at(2)) }

        try await ledger.nameFolders([WatchedFolder(name: "renamed", path: "/in")])

        #expect(try await ledger.countEvents(of: "rejected") == 0)
        #expect(try await ledger.changes(after: 0, limit: 9).count > 1)
    }

    @Test func `events of one file come one at a time and in order, those of others beside them`() async throws {
        try await ledger.adopt([wish(.rejected)])
        for (path, reason) in [("/in/a", "1"), ("/in/b", "1"), ("/in/a", "2"), ("/in/a", "3")] {
            try await ledger.reject(found(FilePath(path)), Rejection(.empty, reason), at: at(1))
        }

        var seen: [String] = []
        #expect(try await due("rejected").map(\.path) == ["/in/a", "/in/b"])
        while let event = try await due("rejected").first {
            seen.append("\(event.path.map { "\($0)" } ?? "") \(event.facts.contains("\"1\"") ? 1 : 0)")
            try await ledger.end(event, failure: nil, at: at(2))
        }
        #expect(seen.count == 4)
        #expect(seen.filter { $0.hasPrefix("/in/a") } == ["/in/a 1", "/in/a 0", "/in/a 0"])
        #expect(try await ledger.countEvents(of: "rejected") == 0)
    }

    @Test func `a failed event waits until it is due, and counts its tries`() async throws {
        try await ledger.adopt([wish(.rejected)])
        try await ledger.reject(found("/in/a"), tooLarge, at: at(1))
        let event = try #require(try await due("rejected").first)
        #expect(try await ledger.hasNewEvents(of: ["rejected"], at: at(1)))

        try await ledger.postpone(event, reason: "no", due: at(50), now: at(40))
        #expect(try await due("rejected", by: 49).isEmpty)
        #expect(try await ledger.nextEvent(of: "rejected", after: at(1)) == at(50))
        #expect(try await !ledger.hasNewEvents(of: ["rejected"], at: at(60)))
        let again = try #require(try await due("rejected", by: 50).first)
        #expect(again.attempts == 1 && again.failedSince == at(40) && again.key == event.key)
        try await ledger.postpone(again, reason: "no", due: at(90), now: at(60))
        #expect(try await due("rejected", by: 90).first?.failedSince == at(40), "since the first failure")
    }

    @Test func `a new event comes before those that failed`() async throws {
        try await ledger.adopt([wish(.rejected)])
        try await ledger.reject(found("/in/a"), tooLarge, at: at(1))
        let event = try #require(try await due("rejected").first)
        try await ledger.postpone(event, reason: "no", due: at(5), now: at(4))
        try await ledger.reject(found("/in/b"), tooLarge, at: at(6))

        #expect(try await due("rejected", by: 9).map(\.path) == ["/in/b", "/in/a"])
    }

    @Test func `a start makes what failed due at once, and drops the events of hooks that are no more`() async throws {
        try await ledger.adopt([wish(.rejected, "kept"), wish(.rejected, "gone")])
        try await ledger.reject(found("/in/a"), tooLarge, at: at(1))
        let event = try #require(try await due("kept").first)
        try await ledger.postpone(event, reason: "no", due: at(1_000_000), now: at(4))

        try await ledger.adopt([wish(.rejected, "kept")])

        // The time in which nobody tried is no time of failing.
        let kept = try await due("kept")
        #expect(kept.map(\.attempts) == [1] && kept.map(\.failedSince) == [nil])
        #expect(try await ledger.countEvents(of: "gone") == 0)
        try await ledger.reject(found("/in/b"), tooLarge, at: at(6))
        #expect(try await ledger.countEvents(of: "gone") == 0)
    }

    @Test func `no two events have one key, in no two ledgers`() async throws {
        var keys: Set<String> = []
        for _ in 0..<2 {
            let other = try SQLiteLedger(inMemory: quiet)
            try await other.adopt([wish(.rejected)])
            for name in ["a", "b"] { try await other.reject(found(FilePath("/in/\(name)")), tooLarge, at: at(1)) }
            keys.formUnion(try await other.events(of: "rejected", dueBy: at(1), limit: 9).map(\.key))
        }
        #expect(keys.count == 4 && keys.allSatisfy { $0.count == 32 })
    }

    @Test func `a file's steps tell of its hooks while the file is there, and not after it has left`() async throws {
        try await ledger.adopt([wish(.uploaded)])
        try await ledger.upload(media("/in/a"))
        let event = try #require(try await due("uploaded").first)
        try await ledger.postpone(event, reason: "status 1", due: at(2), now: at(2))
        #expect(try await ledger.steps(of: "/in/a").last?.facts.hook == "uploaded")

        try await ledger.recordGone(["/in/a"], at: at(3))
        try await ledger.end(event, failure: nil, at: at(4))

        #expect(try await ledger.steps(of: "/in/a").last?.kind == .left)
    }

    @Test func `where no hook is, no event is recorded`() async throws {
        try await ledger.upload(media("/in/a"))

        let rows = try await ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM hook_events") }
        #expect(rows == 0)
    }
}
