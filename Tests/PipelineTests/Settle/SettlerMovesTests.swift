import Glibc
import Ledger
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

/// Files that are up and are found at another place, in a real directory.
@Suite(.timeLimit(.minutes(5))) struct SettlerMovesTests {
    private let account = ConfiguredAccount(name: "main", identity: .scripted())

    private func fixture(done: DoneSuffix? = nil, after: AfterUpload = .keep) async throws -> SettlerFixture {
        let fixture = try SettlerFixture { $0.plan(after: after, done: done) }
        _ = try await fixture.ledger.adopt([account], folders: ["inbox": "main"], at: at(1))
        try fixture.directory.makeDirectory("d")
        return fixture
    }

    /// Writes a file that is up from then on.
    private func upload(_ name: String, _ fixture: SettlerFixture) async throws {
        try fixture.directory.write(name, "bytes of \(name)")
        try await record(name, fixture)
    }

    private func record(_ name: String, _ fixture: SettlerFixture) async throws {
        let file = try fixture.directory.media(name)
        try await fixture.ledger.enqueue(file, at: at(2))
        let book = fixture.ledger.book(of: account)
        _ = try await book.claim(.oldest(9), except: .nothing, at: at(3))
        let number = UInt8(try await fixture.ledger.changes(after: 0, limit: 99).count + 1)
        let receipt = Receipt(mediaID: "m\(number)", status: .ready)
        try await book.complete(file, provider: "scripted", sha256: digest(number), receipt: receipt, at: at(4))
    }

    private func rename(_ from: String, _ to: String, _ fixture: SettlerFixture) throws {
        try #require(Glibc.rename(fixture.directory.at(from).string, fixture.directory.at(to).string) == 0)
    }

    private func entries(_ fixture: SettlerFixture) async throws -> [FilePath: String] {
        var shown: [FilePath: String] = [:]
        for change in try await fixture.ledger.changes(after: 0, limit: 99) {
            shown[change.row.path] = change.event == .renamed ? "renamed" : "other"
            if let from = change.movedFrom { shown[from] = nil }
        }
        return shown
    }

    @Test(arguments: [false, true]) func `a renamed directory takes its entries along, and no file settles`(
        isTold: Bool
    ) async throws {
        let fixture = try await fixture()
        try await upload("d/a.jpg", fixture)
        try await upload("d/b.jpg", fixture)
        try rename("d", "e", fixture)

        if isTold { await fixture.settler.handle([.goneBelow(fixture.directory.at("d"))]) }
        let found = try ["e/a.jpg", "e/b.jpg"].map { try fixture.found(fixture.directory.at($0)) }
        await fixture.settler.found(found)
        await fixture.settler.recordLeaving()

        #expect(await fixture.settler.count == 0)
        #expect(
            try await entries(fixture)
                == [fixture.directory.at("e/a.jpg"): "renamed", fixture.directory.at("e/b.jpg"): "renamed"]
        )
        #expect(try await fixture.ledger.counts() == [.uploaded: 2])
        #expect(try await fixture.ledger.unhandled(among: found) == [])
    }

    @Test(arguments: [false, true])
    func `the loss of a directory waits for what is found elsewhere, so each entry changes once`(
        isWalked: Bool
    ) async throws {
        let fixture = try await fixture()
        for name in ["a", "b", "lost"] { try await upload("d/\(name).jpg", fixture) }
        try rename("d", "e", fixture)
        let before = try await fixture.ledger.changes(after: 0, limit: 99).count

        await fixture.settler.handle([.goneBelow(fixture.directory.at("d"))])
        for name in ["a", "b"] {
            await fixture.settler.recordLeavingUnlessHeld()
            fixture.clock.advance(by: .milliseconds(1999))
            await fixture.settler.found([try fixture.found(fixture.directory.at("e/\(name).jpg"))])
        }
        await fixture.settler.recordLeavingUnlessHeld()
        #expect(try await fixture.ledger.record(of: fixture.directory.at("d/lost.jpg"))?.state == .uploaded)
        if isWalked {
            await fixture.settler.handle([.walked(folder: "inbox")])
        } else {
            fixture.clock.advance(by: .seconds(2))
        }
        await fixture.settler.recordLeavingUnlessHeld()

        let changes = try await fixture.ledger.changes(after: 0, limit: 99).dropFirst(before)
        #expect(changes.map(\.event) == [.renamed, .renamed, .removed])
        #expect(changes.last?.row.path == fixture.directory.at("d/lost.jpg"))
    }

    @Test func `a file that was written to on its way settles`() async throws {
        let fixture = try await fixture()
        try await upload("d/a.jpg", fixture)
        try rename("d", "e", fixture)
        Moment.pass()
        try fixture.directory.write("e/a.jpg", "bytes of another")

        await fixture.settler.found([try fixture.found(fixture.directory.at("e/a.jpg"))])

        #expect(await fixture.settler.count == 1)
    }

    @Test func `a hard link is another name, and its first name keeps the entry`() async throws {
        let fixture = try await fixture()
        try fixture.directory.write("d/a.jpg", "bytes")
        try fixture.directory.makeDirectory("e")
        try #require(link(fixture.directory.at("d/a.jpg").string, fixture.directory.at("e/a.jpg").string) == 0)
        try await record("d/a.jpg", fixture)

        await fixture.settler.found([try fixture.found(fixture.directory.at("e/a.jpg"))])

        #expect(await fixture.settler.count == 1)
        #expect(try await entries(fixture).keys.sorted { $0.string < $1.string } == [fixture.directory.at("d/a.jpg")])
    }

    @Test func `of hard links under one name, each takes the entry of the directory that it lay in`() async throws {
        let fixture = try await fixture()
        for name in ["d/one", "d/two"] { try fixture.directory.makeDirectory(name) }
        try fixture.directory.write("d/one/a.jpg", "bytes")
        try #require(link(fixture.directory.at("d/one/a.jpg").string, fixture.directory.at("d/two/a.jpg").string) == 0)
        for name in ["d/one/a.jpg", "d/two/a.jpg"] { try await record(name, fixture) }
        try rename("d", "e", fixture)

        await fixture.settler.found(
            try ["e/two/a.jpg", "e/one/a.jpg"].map { try fixture.found(fixture.directory.at($0)) }
        )

        let changes = try await fixture.ledger.changes(after: 0, limit: 99).filter { $0.event == .renamed }
        #expect(changes.count == 2)
        for change in changes {
            #expect(
                change.movedFrom?.removingLastComponent().lastComponent
                    == change.row.path.removingLastComponent().lastComponent
            )
        }
    }

    @Test(arguments: ["markers", "departures", "disk"])
    func `where a look has to decide, moved files settle`(reason: String) async throws {
        let fixture = try await fixture(
            done: reason == "markers" ? DoneSuffix(".done") : nil,
            after: reason == "departures" ? .delete : .keep
        )
        try await upload("d/a.jpg", fixture)
        try rename("d", "e", fixture)
        // Nobody knows whether a file is still there whose directory cannot be looked into.
        if reason == "disk" { try rename("e", "d", fixture) }
        let found = try fixture.found(fixture.directory.at(reason == "disk" ? "d/a.jpg" : "e/a.jpg"))
        let elsewhere = FoundFile(folder: "inbox", path: fixture.directory.at("f/a.jpg"), version: found.version)

        await fixture.settler.found([reason == "disk" ? elsewhere : found])

        #expect(await fixture.settler.count == 1)
        #expect(try await fixture.ledger.record(of: fixture.directory.at("d/a.jpg"))?.state == .uploaded)
    }

    @Test func `a scan does not wait for a mass that rests for long`() async throws {
        let directory = try TemporaryDirectory()
        let (clock, events) = (ManualClock(), RecordedEvents())
        let settler = Settler(
            folders: [directory.plan(settle: .seconds(60))],
            queue: try SQLiteLedger(inMemory: quiet),
            bookkeeping: Bookkeeping(clock: clock, observer: events.observer),
            clock: clock,
            mostPending: 1,
            observer: events.observer
        )
        await settler.found([found(directory.at("a.jpg"))])

        await settler.waitForRoom(in: "inbox")

        #expect(await settler.unsettled() == 1)
    }

    @Test func `with very many files in their first quiet time, the scan waits until some are done`() async throws {
        let directory = try TemporaryDirectory()
        let ledger = try SQLiteLedger(inMemory: quiet)
        let (clock, events) = (ManualClock(), RecordedEvents())
        let settler = Settler(
            folders: [directory.plan()],
            queue: ledger,
            bookkeeping: Bookkeeping(clock: clock, observer: events.observer),
            clock: clock,
            mostPending: 3,
            observer: events.observer
        )
        let files = (1...3).map { found(directory.at("\($0).jpg"), Int64($0)) }
        await settler.found(Array(files.prefix(2)))
        await settler.waitForRoom(in: "inbox")
        await settler.found(files)

        let waiting = Task { await settler.waitForRoom(in: "inbox") }
        while await settler.roomBells.isEmpty { await Task.yield() }
        clock.advance(by: .seconds(2))
        #expect(await settler.takeQuiet().count == 3)
        await waiting.value

        #expect(await settler.roomBells.isEmpty)
        await settler.found(files)
        let dropped = Task { await settler.waitForRoom(in: "inbox") }
        while await settler.roomBells.isEmpty { await Task.yield() }
        await settler.drop(files.map(\.path), of: "inbox")
        await dropped.value
        await settler.found(files)
        let ended = Task { await settler.waitForRoom(in: "inbox") }
        while await settler.roomBells.isEmpty { await Task.yield() }
        await settler.end("inbox")
        await ended.value
    }
}
