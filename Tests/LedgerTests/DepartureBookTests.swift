import GRDB
import Logging
import Pipeline
import SystemPackage
import Testing
import Watch

@testable import Ledger

@Suite struct DepartureBookTests {
    private let ledger: SQLiteLedger

    init() throws {
        ledger = try SQLiteLedger(inMemory: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func upload(
        _ path: FilePath,
        _ number: Int64 = 1,
        leaving: AfterUpload = .delete,
        status: AssetStatus = .ready,
        folder: String? = "inbox"
    ) async throws {
        let file = media(path, number, folder: folder)
        try await ledger.start(file)
        try await ledger.complete(
            file,
            provider: "postbreeze",
            sha256: digest(UInt8(number)),
            receipt: receipt("m\(number)", status),
            leaving: leaving,
            at: at(5)
        )
    }

    private func due(_ folder: String = "inbox", by time: Int64 = 100) async throws -> [Departure] {
        try await ledger.departures(of: folder, dueBy: at(time), limit: 10)
    }

    @Test func `a departure is recorded with the upload, with all that decides about it`() async throws {
        try await upload("/in/a", leaving: .move("/done"))

        let departure = try #require(try await due().first)

        #expect(departure.path == "/in/a" && departure.root == "/in" && departure.folder == "inbox")
        #expect(departure.version == version(1) && departure.account == "main")
        #expect(departure.action == .move("/done") && departure.aim == nil)
        #expect(departure.sha256 == digest(1) && departure.status == .ready)
    }

    @Test func `departures get the name of the folder that they lie in, when its key is another one`() async throws {
        try await upload("/in/a")
        try await upload("/in/deep/b", 2)
        try await upload("/other/c", 3)

        try await ledger.nameFolders([WatchedFolder(name: "new", path: "/in", recursive: false)])

        #expect(try await due("new").map(\.path) == ["/in/a"], "it watches no directory below it")
        #expect(try await due().map(\.path) == ["/in/deep/b", "/other/c"])
        try await ledger.nameFolders([
            WatchedFolder(name: "deep", path: "/in/deep"), WatchedFolder(name: "inbox", path: "/other"),
        ])
        let deep = try await due("deep")
        #expect(deep.map(\.path) == ["/in/deep/b"] && deep.map(\.root) == ["/in/deep"])
        #expect(try await due().map(\.path) == ["/other/c"])
    }

    @Test func `two folders whose keys are exchanged exchange their departures`() async throws {
        try await upload("/a/x", 1, folder: "one")
        try await upload("/b/y", 2, folder: "two")

        try await ledger.nameFolders([WatchedFolder(name: "two", path: "/a"), WatchedFolder(name: "one", path: "/b")])

        #expect(try await due("two").map(\.path) == ["/a/x"])
        #expect(try await due("one").map(\.path) == ["/b/y"])
    }

    @Test func `a departure is recorded with known bytes`() async throws {
        try await upload("/in/a", leaving: .keep)
        let copy = media("/in/b")
        try await ledger.start(copy)
        let known = try #require(try await ledger.assets(account: "main", size: copy.size).first)

        try await ledger.reuse(known, for: copy, movedFrom: nil, leaving: .delete, at: at(6))

        #expect(try await due().map(\.path) == ["/in/b"])
    }

    @Test func `what stays, was pushed, has left or is another version by now has no departure`() async throws {
        try await upload("/in/kept", leaving: .keep)
        try await upload("/in/pushed", 2, folder: nil)
        try await ledger.start(media("/in/left", 3))
        try await ledger.recordGone(["/in/left"], at: at(4))
        try await ledger.start(media("/in/changed", 4))
        try await ledger.recordSettling([settling("/in/changed", 5)], at: at(4))
        for (path, number) in [("/in/left", 3), ("/in/changed", 4)] as [(FilePath, Int64)] {
            try await ledger.complete(
                media(path, number),
                provider: "postbreeze",
                sha256: digest(UInt8(number)),
                receipt: receipt("m\(number)"),
                leaving: .delete,
                at: at(5)
            )
        }

        #expect(try await ledger.departures(exceptFolders: [], after: 0, limit: 10).isEmpty)
    }

    @Test func `a look is awaited from the account that a name means, whatever it is called`() async throws {
        func adopt(_ accounts: ConfiguredAccount...) async throws {
            _ = try await ledger.adopt(accounts, folders: [:], at: at(6))
        }
        func awaits(_ name: String) async throws -> Bool {
            try await ledger.hasDueDepartures(of: [], accounts: [name], at: at(100))
        }
        try await adopt(.named("main"))
        try await upload("/in/a", status: .processing)
        #expect(try await awaits("main"))

        let renamed = ConfiguredAccount(name: "reels", identity: ConfiguredAccount.named("main").identity)
        try await adopt(ConfiguredAccount(name: "main", identity: .at("https://other.example")), renamed)

        #expect(try await !awaits("main"), "nobody would ask there")
        #expect(try await awaits("reels"))
    }

    @Test func `a departure waits for its provider's word`() async throws {
        _ = try await ledger.adopt([.named("main")], folders: [:], at: at(1))
        try await upload("/in/a", status: .processing)
        #expect(try await due().isEmpty)
        #expect(try await ledger.hasDueDepartures(of: ["inbox"], accounts: [], at: at(100)) == false)
        #expect(try await ledger.hasDueDepartures(of: ["inbox"], accounts: ["main"], at: at(100)))
        let asset = try #require(try await ledger.processing(account: "main", at: at(6), limit: 1).first)

        try await ledger.recordStatus(.processing, of: asset, nextLook: at(200), at: at(7))
        #expect(try await due().isEmpty)
        #expect(try await ledger.hasDueDepartures(of: ["inbox"], accounts: ["main"], at: at(100)) == false)
        try await ledger.openDepartures()
        #expect(try await due().isEmpty, "a start is no word of the provider's")
        try await ledger.recordStatus(.ready, of: asset, nextLook: nil, at: at(8))

        #expect(try await due().map(\.path) == ["/in/a"])
    }

    @Test func `those that were never tried come first, oldest first, and others when they are due`() async throws {
        for number in 1...3 as ClosedRange<Int64> { try await upload(FilePath("/in/\(number)"), number) }
        let first = try #require(try await due().first)
        try await ledger.postpone(first, reason: "it is busy", due: at(50), failed: true)

        #expect(try await due(by: 49).map(\.path) == ["/in/2", "/in/3"])
        #expect(try await due(by: 50).map(\.path) == ["/in/2", "/in/3", "/in/1"])
        #expect(try await due(by: 50).last?.attempts == 1)
        #expect(try await ledger.nextDeparture(of: "inbox", after: at(10)) == at(50))
        #expect(try await ledger.nextDeparture(of: "inbox", after: at(50)) == nil)
        let failed = try await ledger.failedDepartures(limit: 5)
        #expect(failed == StayingFiles(count: 1, first: [StayingFile(path: "/in/1", reason: "it is busy")]))
        try await ledger.openDepartures()
        #expect(try await due(by: 0).map(\.path) == ["/in/1", "/in/2", "/in/3"])
        #expect(try await ledger.failedDepartures(limit: 5) == .none)
    }

    @Test func `a file that has left is gone, and its entry says where it is, as one change`() async throws {
        try await upload("/in/a", leaving: .move("/done"))
        let departure = try #require(try await due().first)
        try await ledger.recordAim("/done/a", of: departure)
        #expect(try await due().first?.aim == "/done/a")
        let before = try await ledger.revision()

        try await ledger.finish(departure, movedTo: "/done/a")

        #expect(try await due().isEmpty)
        #expect(try await ledger.state("/in/a") == nil)
        let entry = try #require(try await ledger.entry("/in/a"))
        #expect(!entry.present && entry.movedTo == "/done/a")
        let changes = try await ledger.changes(after: before, limit: 10)
        #expect(changes.map(\.event) == [.removed])
        guard case .entry(let told)? = changes.first?.row.content else { return }
        #expect(told.movedTo == "/done/a" && !told.present)
    }

    @Test func `where its leaving was told before, the place is told by itself`() async throws {
        try await upload("/in/a", leaving: .move("/done"))
        let departure = try #require(try await due().first)
        try await ledger.recordGone(["/in/a"], at: at(8))

        try await ledger.finish(departure, movedTo: "/done/a")

        #expect(try await ledger.events() == [.uploaded, .removed, .updated])
        #expect(try await ledger.entry("/in/a")?.movedTo == "/done/a")
    }

    @Test func `a newer file at the path keeps its state, and its entry stays present`() async throws {
        try await upload("/in/a")
        let departure = try #require(try await due().first)
        try await ledger.recordSettling([settling("/in/a", 2)], at: at(8))

        try await ledger.finish(departure, movedTo: nil)

        #expect(try await ledger.state("/in/a") == .settling)
        #expect(try await ledger.entry("/in/a")?.present == true)
    }

    @Test func `a file that comes back is nowhere else any more`() async throws {
        try await upload("/in/a", leaving: .move("/done"))
        try await ledger.finish(try #require(try await due().first), movedTo: "/done/a")

        try await upload("/in/a", 2)

        #expect(try await ledger.entry("/in/a")?.movedTo == nil)
        #expect(try await ledger.entry("/in/a")?.present == true)
    }

    @Test func `a departure says whether its folder's account is the one that has the bytes`() async throws {
        let first = ConfiguredAccount(name: "main", identity: .at("https://main.example"))
        let second = ConfiguredAccount(name: "main", identity: .at("https://second.example"))
        try await upload("/in/a")
        #expect(try await due().map(\.hasFoldersAccount) == [nil], "nobody has told yet")

        _ = try await ledger.adopt([first], folders: ["inbox": "main"], at: at(6))
        #expect(try await due().map(\.hasFoldersAccount) == [true])
        _ = try await ledger.adopt([second], folders: ["inbox": "main"], at: at(7))
        #expect(try await due().map(\.hasFoldersAccount) == [false])
    }

    @Test func `a number is never given again`() async throws {
        try await upload("/in/a")
        let first = try #require(try await due().first)
        try await ledger.drop(first)

        try await upload("/in/b", 2)

        #expect(try #require(try await due().first).id > first.id)
    }

    @Test func `departures of other folders are found in order`() async throws {
        for number in 1...3 as ClosedRange<Int64> { try await upload(FilePath("/in/\(number)"), number, folder: "old") }
        try await upload("/in/a", 4)

        let first = try await ledger.departures(exceptFolders: ["inbox"], after: 0, limit: 2)
        let rest = try await ledger.departures(exceptFolders: ["inbox"], after: first.last?.id ?? 0, limit: 2)

        #expect((first + rest).map(\.path) == ["/in/1", "/in/2", "/in/3"])
    }
}
