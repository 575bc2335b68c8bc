import Foundation
import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct ManifestWriterTests {
    private let directory: TemporaryDirectory
    private let source = MemorySource()
    private let clock = ManualClock()
    private let events = RecordedEvents()
    private let writer: ManifestWriter<ManualClock>

    init() throws {
        directory = try TemporaryDirectory()
        writer = ManifestWriter(
            plan: manifestPlan(directory, interval: .seconds(10)),
            source: source,
            bookkeeping: Bookkeeping(clock: clock, observer: events.observer),
            clock: clock
        )
    }

    /// The journal's revisions, in order.
    private func revisions() throws -> [Int] {
        try directory.text("manifest.ndjson").split(separator: "\n").map { line in
            let digits = line.dropFirst(#"{"revision":"#.count).prefix { $0.isNumber }
            return try #require(Int(digits))
        }
    }

    private func shownRevision() throws -> String? {
        try directory.text("manifest.json").split(separator: ",").first { $0.hasPrefix("\"revision\"") }.map(
            String.init
        )
    }

    private func upload(_ path: FilePath) {
        source.change(.uploaded) { .entry(path, $0) }
    }

    @Test func `both files are there after the first step, even without an entry`() async throws {
        try await writer.step()

        #expect(try directory.names() == ["manifest.json", "manifest.ndjson"])
        #expect(try shownRevision() == "\"revision\":0")
    }

    @Test func `both files are written anew when revisions begin anew, whichever of both numbers is higher`()
        async throws
    {
        for path in ["/in/a", "/in/b", "/in/c"] as [FilePath] { upload(path) }
        try await writer.step()
        #expect(try revisions() == [1, 2, 3])

        for newest in [2, 9] as [Int64] {
            source.beginAnew(at: newest, [.entry("/in/d", 2), .entry("/in/e", 1)])
            clock.advance(by: .seconds(10))
            try await writer.step()

            #expect(try revisions() == [1, 2])
            #expect(try shownRevision() == "\"revision\":\(newest)")
            #expect(try await source.numbering().ofJournal == source.numbering().now)
        }
    }

    @Test func `who waits for the snapshot gets it without waiting for the interval, and nobody else does`()
        async throws
    {
        try await writer.step()
        try await writer.catchUp()
        upload("/in/a")
        try await writer.step()
        #expect(try revisions() == [1] && shownRevision() == "\"revision\":0")

        let waiting = Task { try await writer.catchUp() }
        try await untilSo {
            try await writer.step()
            return try shownRevision() == "\"revision\":1"
        }
        try await waiting.value

        upload("/in/b")
        try await writer.step()
        #expect(try revisions() == [1, 2] && shownRevision() == "\"revision\":1")
    }

    /// A full disk, say. What the ledger has pruned can only come from its rows.
    @Test func `a journal that could not be replaced is not taken for whole`() async throws {
        for path in ["/in/a", "/in/b", "/in/c"] as [FilePath] { upload(path) }
        try await source.pruneChanges(through: 3)
        source.breakWalks(after: 0)
        await #expect(throws: (any Error).self) { try await writer.step() }
        source.breakWalks(after: nil)

        try await writer.step()

        #expect(try revisions() == [1, 2, 3])
    }

    @Test func `changes are in the journal at once, and in the snapshot after its interval and then no longer kept`()
        async throws
    {
        upload("/in/a")
        try await writer.step()
        upload("/in/b")
        try await writer.step()

        #expect(try revisions() == [1, 2])
        #expect(source.kept == [2])
        #expect(try shownRevision() == "\"revision\":1")
        clock.advance(by: .milliseconds(9999))
        try await writer.step()
        #expect(try shownRevision() == "\"revision\":1")
        clock.advance(by: .milliseconds(1))
        try await writer.step()
        #expect(try shownRevision() == "\"revision\":2")
        #expect(source.kept.isEmpty)
        #expect(source.walks == 2)
    }

    @Test func `without a change the snapshot is not written again`() async throws {
        upload("/in/a")
        for _ in 0..<3 {
            try await writer.step()
            clock.advance(by: .seconds(60))
        }

        #expect(source.walks == 1)
    }

    @Test func `who flushes while the writer writes waits for its turn, and no change is told twice`() async throws {
        for number in 0..<40 { upload(FilePath("/in/\(number).jpg")) }

        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 40..<60 {
                upload(FilePath("/in/\(number).jpg"))
                group.addTask { try await writer.flush() }
                group.addTask { try await writer.step() }
            }
            try await group.waitForAll()
        }

        #expect(try revisions() == Array(1...60))
        #expect(try shownRevision() == "\"revision\":60")
    }

    @Test func `flush does not wait for the interval`() async throws {
        try await writer.step()
        upload("/in/a")
        try await writer.flush()

        #expect(try shownRevision() == "\"revision\":1")
    }

    @Test func `a walk in which all stood still for long keeps the next snapshot waiting for seconds only`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let writer = ManifestWriter(
            plan: manifestPlan(directory, interval: .seconds(1)),
            source: source,
            bookkeeping: Bookkeeping(clock: clock, observer: events.observer),
            clock: clock
        )
        source.pauseWalks { [clock] in clock.advance(by: .seconds(60)) }
        try await writer.step()
        source.pauseWalks(nil)
        upload("/in/a")
        clock.advance(by: .seconds(5))
        try await writer.step()

        #expect(try directory.text("manifest.json").contains("\"revision\":1"))
    }

    @Test func `files that are links are written where these lead, and no more often than others`() async throws {
        try directory.makeDirectory("far")
        try directory.link("manifest.json", to: "far/m.json")
        try directory.link("manifest.ndjson", to: "far/m.ndjson")
        upload("/in/a")
        try await writer.step()
        clock.advance(by: .seconds(10))
        try await writer.step()
        #expect(source.walks == 1)

        // The journal is replaced.
        for _ in 0..<6 { upload("/in/a") }
        clock.advance(by: .seconds(10))
        try await writer.step()

        #expect(try directory.text("far/m.json").contains("\"revision\":7"))
        #expect(try directory.text("far/m.ndjson").split(separator: "\n").count == 1)
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: directory.at("manifest.json").string)
                == "far/m.json"
        )
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: directory.at("manifest.ndjson").string)
                == "far/m.ndjson"
        )
    }

    @Test func `a journal past four lines an entry is replaced by one line an entry`() async throws {
        for _ in 0..<8 { upload("/in/a") }
        upload("/in/b")
        try await writer.step()
        #expect(try revisions() == Array(1...9).suffix(2))

        for _ in 0..<6 { upload("/in/a") }
        try await writer.step()
        #expect(try revisions() == [8, 9, 10, 11, 12, 13, 14, 15])
        upload("/in/c")
        try await writer.step()
        #expect(try revisions() == [8, 9, 10, 11, 12, 13, 14, 15, 16])
    }

    @Test func `a journal that was removed is written again from the rows`() async throws {
        upload("/in/a")
        upload("/in/b")
        try await writer.step()
        try directory.remove("manifest.ndjson")
        upload("/in/a")
        try await writer.step()

        #expect(try revisions() == [2, 3])
        #expect(try directory.names() == ["manifest.json", "manifest.ndjson"])
    }

    @Test(arguments: [true, false])
    func `a journal that somebody cut, or wrote to, is written again from the rows`(isCut: Bool) async throws {
        for path: FilePath in ["/in/a", "/in/b"] { upload(path) }
        try await writer.step()
        let text = try directory.text("manifest.ndjson")
        let line = try #require(text.split(separator: "\n").first)
        try directory.edit("manifest.ndjson", isCut ? "\(line)\n" : text + "a note")
        upload("/in/c")
        try await writer.step()

        #expect(try revisions() == [1, 2, 3])
    }

    @Test func `a journal of another ledger, which is ahead, is written again from the rows`() async throws {
        try directory.write("manifest.ndjson", "{\"revision\":99,\"event\":\"uploaded\"}\n")
        upload("/in/a")
        try await writer.step()

        #expect(try revisions() == [1])
    }

    @Test func `a journal that a crash kept behind takes up what the ledger still keeps`() async throws {
        for path: FilePath in ["/in/a", "/in/b", "/in/c"] { upload(path) }
        let first = try await source.changes(after: 0, limit: 1)
        try Journal(directory.at("manifest.ndjson"), mode: .ownerReadWrite).append(first)
        try await writer.step()

        #expect(try revisions() == [1, 2, 3])
    }

    @Test func `more changes than one batch all go`() async throws {
        let count = Journal.batch * 2 + 3
        for number in 0..<count { upload(FilePath("/in/\(number)")) }
        try await writer.step()

        #expect(try revisions() == Array(1...count))
    }

    @Test func `run follows when it is woken, and writes the snapshot when its time comes`() async throws {
        upload("/in/a")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await writer.run() }
            try await untilSo { source.walks > 0 }
            upload("/in/b")
            writer.bell.ring()
            try await untilSo { clock.nextWake != nil }
            #expect(source.walks == 1)
            clock.advance(by: .seconds(10))
            try await untilSo { source.walks > 1 }
            group.cancelAll()
        }

        #expect(try revisions() == [1, 2])
    }

    @Test func `changes soon after an append to the journal wait for each other, and share the next append`()
        async throws
    {
        upload("/in/a")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await writer.run() }
            try await untilSo { source.walks > 0 }
            upload("/in/b")
            writer.bell.ring()
            try await untilSo { clock.nextWake == ManifestWriter<ManualClock>.appendPause }
            upload("/in/c")
            writer.bell.ring()
            #expect(try revisions() == [1])
            clock.advance(by: ManifestWriter<ManualClock>.appendPause)
            try await untilSo { try revisions() == [1, 2, 3] }
            group.cancelAll()
        }
    }

    @Test func `a failure is told, and the writer tries again after a pause`() async throws {
        upload("/in/a")
        source.breakWalks(after: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await writer.run() }
            try await events.event { if case .recordsClosed("manifest", _) = $0 { true } else { false } }
            try await clock.sleepers(1)
            #expect(!directory.holds("manifest.json"))
            source.breakWalks(after: nil)
            try await clock.advanceToNextWake()
            try await untilSo { source.walks > 1 }
            group.cancelAll()
        }

        try await writer.flush()
        #expect(try shownRevision() == "\"revision\":1")
    }
}

/// A start whose files are there already.
@Suite(.timeLimit(.minutes(5))) struct PublishedFilesTests {
    private let directory: TemporaryDirectory
    private let source = MemorySource()
    private let clock = ManualClock()

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func writer(_ version: String = "1", mode: FilePermissions = [.ownerReadWrite]) -> ManifestWriter<
        ManualClock
    > {
        ManifestWriter(
            plan: ManifestPlan(
                snapshot: directory.at("manifest.json"),
                journal: directory.at("manifest.ndjson"),
                interval: .seconds(10),
                mode: mode,
                writer: version
            ),
            source: source,
            bookkeeping: Bookkeeping(clock: clock) { _ in },
            clock: clock
        )
    }

    private func publish() async throws {
        for path in ["/in/a", "/in/b"] as [FilePath] { source.change(.uploaded) { .entry(path, $0) } }
        try await writer().flush()
        #expect(source.walks == 1)
    }

    @Test func `files that are as the last process left them are not written again`() async throws {
        try await publish()
        let next = writer()

        try await next.step()
        #expect(source.walks == 1)
        #expect(await next.writtenRevision == 2)

        source.change(.uploaded) { .entry("/in/c", $0) }
        clock.advance(by: .seconds(60))
        try await next.step()
        #expect(source.walks == 2)
        #expect(try directory.text("manifest.ndjson").split(separator: "\n").count == 3)
        #expect(try directory.text("manifest.json").contains("/in/c"))
    }

    @Test func `a snapshot that somebody wrote to is written again, at once after the end and with the same size`()
        async throws
    {
        try await publish()
        let text = try directory.text("manifest.json")
        let changed = text.replacing("/in/a", with: "/in/x")
        let file = try FileDescriptor.open(directory.at("manifest.json"), .writeOnly)
        try file.closeAfter { _ = try file.writeAll(changed.utf8) }

        try await writer().step()

        #expect(try directory.text("manifest.json").contains("/in/a"))
    }

    @Test func `a snapshot that was removed or replaced is written again`() async throws {
        try await publish()
        for _ in 0..<2 {
            try FileManager.default.removeItem(atPath: directory.at("manifest.json").string)
            try await writer().flush()
            #expect(try directory.text("manifest.json").contains("/in/a"))
        }
        #expect(source.walks == 3)
    }

    @Test func `another version of Outtray, or another mode, writes the snapshot again`() async throws {
        try await publish()

        try await writer("2").flush()
        #expect(source.walks == 2)
        try await writer("2", mode: [.ownerReadWrite, .otherRead]).flush()
        #expect(source.walks == 3)
        try await writer("2", mode: [.ownerReadWrite, .otherRead]).flush()
        #expect(source.walks == 3)
    }

    @Test func `a journal that somebody wrote to is read again`() async throws {
        try await publish()
        let path = directory.at("manifest.ndjson")
        let file = try FileDescriptor.open(path, .writeOnly, options: .append)
        try file.closeAfter { _ = try file.writeAll("{\"rev".utf8) }

        source.change(.uploaded) { .entry("/in/c", $0) }
        try await writer().step()

        #expect(try directory.text("manifest.ndjson").split(separator: "\n").allSatisfy { $0.hasSuffix("}") })
        #expect(try directory.text("manifest.ndjson").split(separator: "\n").count == 3)
    }
}
