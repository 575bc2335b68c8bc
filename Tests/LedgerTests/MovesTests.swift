import Pipeline
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Ledger

@Suite(.timeLimit(.minutes(5))) struct MovesTests {
    private let ledger: SQLiteLedger
    private let plan = FolderPlan(
        name: "inbox",
        path: "/in",
        account: "main",
        settle: .seconds(2),
        settleRenamed: .zero,
        admission: Admission(provider: "postbreeze", acceptedTypes: [.jpeg], limits: SizeLimits())
    )

    init() throws {
        ledger = try SQLiteLedger(inMemory: quiet)
    }

    /// A file of the account that the folder goes through by now.
    private func upload(_ path: FilePath, _ number: Int64 = 1, _ status: AssetStatus = .ready) async throws {
        _ = try await ledger.adopt([.named("main")], folders: ["inbox": "main"], at: at(1))
        try await ledger.upload(media(path, number), UInt8(number), status)
    }

    private func places(_ path: FilePath, _ number: Int64 = 1) async throws -> [FormerPlace] {
        try await ledger.formerPlaces(of: [found(path, number)])[found(path, number)] ?? []
    }

    private func move(_ path: FilePath, _ number: Int64 = 1, from former: FilePath) async throws -> [FilePath] {
        try await ledger.move([MovedFile(found(path, number), from: former)], by: plan, at: at(9)).map(\.file.path)
    }

    private func kinds(_ path: FilePath) async throws -> [FileStep.Kind] {
        try await ledger.steps(of: path).map(\.kind)
    }

    @Test(arguments: [false, true]) func `the entry follows a file, whether its leaving was recorded or not`(
        isRecorded: Bool
    ) async throws {
        try await upload("/in/d/a")
        if isRecorded { try await ledger.record([.goneBelow("/in/d")], at: at(6)) }
        #expect(try await places("/in/e/a") == [FormerPlace("/in/d/a", isPresent: !isRecorded)])

        #expect(try await move("/in/e/a", from: "/in/d/a") == ["/in/e/a"])

        #expect(try await ledger.record(of: "/in/d/a") == nil)
        #expect(try await ledger.state("/in/e/a") == .uploaded)
        #expect(try await ledger.present(in: "inbox", after: nil, limit: 9) == ["/in/e/a"])
        #expect(try await ledger.unhandled(among: [found("/in/e/a")]) == [])
        #expect(try await ledger.entry("/in/e/a")?.present == true)
        #expect(try await ledger.row(of: "/in/d/a")?.shown == false)
        let last = try #require(try await ledger.changes(after: 0, limit: 9).last)
        #expect(last.event == .renamed && last.movedFrom == "/in/d/a" && last.row.path == "/in/e/a")
        #expect(try await kinds("/in/e/a") == [.moved])
        #expect(try await kinds("/in/d/a").filter { $0 == .left } == [.left])
        #expect(try await ledger.counts() == [.uploaded: 1])
    }

    @Test func `it follows from directory to directory, and back`() async throws {
        try await upload("/in/d/a")
        for (to, from) in [("/in/e/a", "/in/d/a"), ("/in/f/a", "/in/e/a"), ("/in/d/a", "/in/f/a")] {
            try await ledger.record([.goneBelow(FilePath(from).removingLastComponent())], at: at(6))
            #expect(try await move(FilePath(to), from: FilePath(from)) == [FilePath(to)])
        }

        #expect(try await ledger.rows().rows.filter(\.shown).map(\.path) == ["/in/d/a"])
    }

    @Test func `a version that never went up has no former place, although its path has an entry`() async throws {
        try await upload("/in/d/a")
        try await ledger.record([.settling(settling("/in/d/a", 2))], at: at(6))
        #expect(try await places("/in/e/a", 2) == [])

        try await ledger.record([.goneBelow("/in/d")], at: at(7))

        #expect(try await places("/in/e/a", 2) == [])
        #expect(try await places("/in/e/a", 1) == [])
        #expect(try await move("/in/e/a", 2, from: "/in/d/a") == [])
        #expect(try await ledger.state("/in/d/a") == .gone)
    }

    @Test func `a file that left while it was up, came back in another version and left again has none`() async throws {
        try await upload("/in/d/a")
        try await ledger.recordGone(["/in/d/a"], at: at(6))
        try await ledger.record([.settling(settling("/in/d/a", 2))], at: at(7))
        try await ledger.recordGone(["/in/d/a"], at: at(8))

        #expect(try await places("/in/e/a", 1) == [])
        #expect(try await places("/in/e/a", 2) == [])
    }

    @Test func `a file has a former place under its own name, in its own folder and its own version alone`()
        async throws
    {
        try await upload("/in/d/a")

        #expect(try await places("/in/e/b") == [])
        #expect(try await places("/in/d/a") == [])
        #expect(try await places("/in/e/a", 2) == [])
        let elsewhere = FoundFile(folder: "other", path: "/other/a", version: version(1))
        #expect(try await ledger.formerPlaces(of: [elsewhere]) == [:])
        let file = media("/in/e/a").after(change: 1)
        #expect(
            try await ledger.formerPlaces(of: [FoundFile(folder: "inbox", path: file.path, version: file.version)])
                == [:]
        )
    }

    @Test func `a path with a story is not written over`() async throws {
        try await upload("/in/d/a")
        try await ledger.enqueue(media("/in/queued/a", 2), at: at(6))
        try await ledger.reject(found("/in/rejected/a", 3), tooLarge, at: at(6))

        #expect(try await move("/in/queued/a", from: "/in/d/a") == [])
        #expect(try await move("/in/rejected/a", from: "/in/d/a") == [])
        #expect(try await ledger.state("/in/d/a") == .uploaded)
        #expect(try await ledger.state("/in/queued/a") == .queued)
        #expect(try await ledger.state("/in/rejected/a") == .rejected)
    }

    @Test func `what is up at another account, or could not be processed, does not follow`() async throws {
        try await upload("/in/d/a", 1, .failed)
        #expect(try await move("/in/e/a", from: "/in/d/a") == [])

        try await upload("/in/d/b", 2)
        try await ledger.recordGone(["/in/d/b"], at: at(6))
        let other = ConfiguredAccount(name: "main", identity: .at("https://other.example"))
        _ = try await ledger.adopt([other], folders: ["inbox": "main"], at: at(7))
        #expect(try await move("/in/e/b", 2, from: "/in/d/b") == [])
    }

    @Test func `a file that is to leave does not follow`() async throws {
        _ = try await ledger.adopt([.named("main")], folders: ["inbox": "main"], at: at(1))
        try await ledger.start(media("/in/d/a"))
        try await ledger.complete(
            media("/in/d/a"),
            provider: "postbreeze",
            sha256: digest(1),
            receipt: receipt("m1"),
            leaving: .delete,
            at: at(5)
        )

        #expect(try await move("/in/e/a", from: "/in/d/a") == [])
    }

    @Test func `an entry with sidecars does not follow`() async throws {
        try await ledger.noteSidecar(found("/in/d/a.txt", 7), at: at(1))
        try await upload("/in/d/a")
        try #require(try await ledger.entry("/in/d/a")?.sidecars.count == 1)

        #expect(try await move("/in/e/a", from: "/in/d/a") == [])
    }

    @Test func `a move is made once`() async throws {
        try await upload("/in/d/a")
        #expect(try await move("/in/e/a", from: "/in/d/a") == ["/in/e/a"])

        #expect(try await move("/in/e/a", from: "/in/d/a") == [])
        #expect(try await ledger.events() == [.uploaded, .renamed])
    }
}
