import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

@Suite struct JournalTests {
    private let directory: TemporaryDirectory
    private let path: FilePath

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.at("manifest.ndjson")
    }

    private func open() throws -> Journal { try Journal(path, mode: [.ownerReadWrite, .otherRead]) }

    private func change(_ revision: Int64) -> ManifestChange {
        ManifestChange(event: .uploaded, row: .entry("/in/a", revision))
    }

    @Test func `a new journal is empty and has its mode`() throws {
        let journal = try open()

        #expect(journal.revision == 0)
        #expect(journal.lines == 0)
        #expect(try directory.mode(of: "manifest.ndjson") == 0o604)
    }

    @Test func `what was appended is found again`() throws {
        let journal = try open()
        try journal.append([change(1), change(2)])
        try journal.append([change(3)])
        try journal.append([])

        let again = try open()
        #expect(journal.revision == 3 && again.revision == 3)
        #expect(journal.lines == 3 && again.lines == 3)
        #expect(try directory.text("manifest.ndjson") == [1, 2, 3].map { ManifestFormat.line(change($0)) }.joined())
    }

    @Test(arguments: [1, 30, 300])
    func `a line that a crash cut short is taken back`(kept: Int) throws {
        try open().append([change(1), change(2)])
        let whole = try directory.text("manifest.ndjson")
        try directory.write("manifest.ndjson", whole + String(ManifestFormat.line(change(3)).prefix(kept)))

        let journal = try open()

        #expect(journal.revision == 2)
        #expect(journal.lines == 2)
        #expect(try directory.text("manifest.ndjson") == whole)
        try journal.append([change(3)])
        #expect(try open().revision == 3)
    }

    @Test func `a journal that is one cut-off line begins anew`() throws {
        try directory.write("manifest.ndjson", #"{"revision":7,"event"#)

        let journal = try open()

        #expect(journal.revision == 0)
        #expect(try directory.text("manifest.ndjson") == "")
    }

    @Test func `the last line is found across the reader's buffers`() throws {
        let journal = try open()
        try journal.append((1...1500).map { change($0) })

        let again = try open()
        #expect(try directory.text("manifest.ndjson").utf8.count > 1 << 18)
        #expect(again.revision == 1500)
        #expect(again.lines == 1500)
    }

    @Test(arguments: [
        "something else\n", "{\"event\":\"x\"}\n", "\n", "{\"revision\":7}\n", "{\"revision\":7\n", "{\"revision\":\n",
        "{ \"revision\":7,\"event\":\"x\"}\n",
    ])
    func `a journal that is not ours has no revision`(text: String) throws {
        try directory.write("manifest.ndjson", text)

        #expect(try open().revision == 0)
    }

    @Test func `it is in its place until it is removed or replaced`() throws {
        let journal = try open()
        #expect(journal.isInPlace)
        try directory.remove("manifest.ndjson")
        #expect(!journal.isInPlace)
        try directory.write("manifest.ndjson", "")
        #expect(!journal.isInPlace)
    }

    @Test func `through a link it is in its place as long as that leads to it`() throws {
        try directory.write("target", "")
        try directory.link("manifest.ndjson", to: "target")
        let journal = try open()
        try journal.append([change(1)])

        #expect(journal.isInPlace)
        #expect(try directory.text("target") == ManifestFormat.line(change(1)))
        try directory.remove("target")
        #expect(!journal.isInPlace)
    }
}
