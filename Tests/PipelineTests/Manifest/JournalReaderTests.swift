import Foundation
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct JournalReaderTests {
    private let directory: TemporaryDirectory
    private let source = MemorySource()
    private let clock = ManualClock()
    private let writer: ManifestWriter<ManualClock>

    init() throws {
        directory = try TemporaryDirectory()
        writer = ManifestWriter(
            plan: manifestPlan(directory, interval: .seconds(10)),
            source: source,
            bookkeeping: Bookkeeping(clock: clock, observer: { _ in }),
            clock: clock
        )
    }

    private var journal: FilePath { directory.at("manifest.ndjson") }

    private func upload(_ path: FilePath) {
        source.change(.uploaded) { .entry(path, $0) }
    }

    /// All that the reader has now, a text a line: `reset`, or a revision.
    private func drain(_ reader: JournalReader) throws -> [String] {
        var all: [UInt8] = []
        while let lines = try reader.next() { all += lines }
        return all.split(separator: UInt8(ascii: "\n")).map { line in
            if let revision = ManifestFormat.revision(ofLineHead: line) { return "\(revision)" }
            return (try? JSONReader.value(of: line))?.members?["event"]?.string ?? "?"
        }
    }

    /// Who looks more often than the journal may be replaced misses nothing.
    @Test func `each change is given once and in order, however often the journal is replaced`() async throws {
        var random = SeededGenerator()
        let reader = JournalReader(journal, since: 0)
        var told: [String] = []
        var replacements = 0
        var length = 0
        let changes = 2000
        // A change comes between the last append and the walk over all rows, as another thread's may.
        let turns = Mutex(0)
        source.beforeCounts { [source] in
            let turn = turns.withLock { turns in
                turns += 1
                return turns
            }
            if turn.isMultiple(of: 3) { source.change(.uploaded) { .entry("/in/late", $0) } }
        }
        var sinceLook = 0
        for step in 0..<changes {
            upload(FilePath("/in/\(random.next() % 3)"))
            try await writer.step()
            clock.advance(by: .milliseconds(400))
            let now = try directory.text("manifest.ndjson").utf8.count
            if now < length { replacements += 1 }
            length = now
            sinceLook += 1
            if sinceLook == 4 || random.next() % 2 == 0 || step == changes - 1 {
                told += try drain(reader)
                sinceLook = 0
            }
        }
        source.beforeCounts(nil)
        try await writer.step()
        told += try drain(reader)

        let newest = try await source.revision()
        #expect(newest > changes && replacements > 20, "seed \(random.seed)")
        #expect(told == (1...newest).map { "\($0)" }, "seed \(random.seed)")
    }

    @Test func `a reader goes on after the revision that it has`() async throws {
        for number in 0..<4 { upload(FilePath("/in/\(number)")) }
        try await writer.step()

        #expect(try drain(JournalReader(journal, since: 2)) == ["3", "4"])
        #expect(try drain(JournalReader(journal, since: 4)).isEmpty)
    }

    @Test func `where the journal lacks a change, the whole journal follows a reset`() async throws {
        for _ in 0..<6 { upload("/in/a") }
        upload("/in/b")
        try await writer.step()
        for _ in 0..<6 { upload("/in/b") }
        // More than four lines an entry: it is replaced by the last line of each path.
        try await writer.step()

        #expect(try drain(JournalReader(journal, since: 5)) == ["6", "reset", "6", "13"])
        #expect(try drain(JournalReader(journal, since: 6)) == ["reset", "6", "13"])
        #expect(try drain(JournalReader(journal, since: 12)) == ["13"])
        #expect(try drain(JournalReader(journal, since: 0)) == ["6", "13"])
    }

    @Test func `a journal of another ledger follows a reset`() async throws {
        upload("/in/a")
        try await writer.step()

        let reader = JournalReader(journal, since: 8211)

        #expect(try drain(reader) == ["reset", "1"])
        upload("/in/b")
        try await writer.step()
        #expect(try drain(reader) == ["2"])
    }

    @Test func `a reader waits for a journal that is not there yet, or is empty`() async throws {
        let reader = JournalReader(journal, since: 5)
        #expect(try drain(reader).isEmpty)
        try directory.write("manifest.ndjson", [])
        #expect(try drain(reader).isEmpty)
        for number in 0..<6 { upload(FilePath("/in/\(number)")) }
        try await writer.step()

        #expect(try drain(reader) == ["6"])
    }

    /// A crash leaves a part of a line, and the next start cuts it off.
    @Test func `a line that is not whole is given when it is`() async throws {
        upload("/in/a")
        try await writer.step()
        let reader = JournalReader(journal, since: 0)
        #expect(try drain(reader) == ["1"])
        let whole = try directory.text("manifest.ndjson")
        let rest = whole.replacing(#""revision":1"#, with: #""revision":2"#)

        try append(String(rest.prefix(40)))
        #expect(try drain(reader).isEmpty)
        #expect(truncate(journal.string, whole.utf8.count) == 0)
        #expect(try drain(reader).isEmpty)
        try append(rest)
        #expect(try drain(reader) == ["2"])
    }

    private func append(_ text: String) throws {
        let file = try FileDescriptor.open(journal, .writeOnly, options: .append)
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }

    /// A path's reason may be long, and is strangers' words.
    @Test func `a line longer than one read comes whole`() async throws {
        let words = String(repeating: "x", count: 200_000)
        source.change(.rejected) { revision in
            let rejection = Rejection(.refusedByProvider, words)
            let rejected = ManifestRejection(folder: nil, rejection: rejection, at: at(1), revision: revision)
            return ManifestRow(path: "/in/a", content: .rejected(rejected))
        }
        upload("/in/b")
        try await writer.step()

        #expect(try drain(JournalReader(journal, since: 0)) == ["1", "2"])
    }
}
