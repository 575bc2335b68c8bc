import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

/// What revision scripts may have seen, from files as they are found after crashes and copies.
@Suite struct PublishedRevisionTests {
    private let directory: TemporaryDirectory
    private let plan: ManifestPlan

    init() throws {
        directory = try TemporaryDirectory()
        plan = ManifestPlan(
            snapshot: directory.at("manifest.json"),
            journal: directory.at("manifest.ndjson"),
            interval: .seconds(1),
            mode: [.ownerReadWrite]
        )
    }

    private func line(_ revision: Int64) -> String {
        ManifestFormat.line(ManifestChange(event: .uploaded, row: .entry("/in/a", revision)))
    }

    private func snapshot(_ revision: Int64) -> String {
        "{\"schema\":1,\"revision\":\(revision),\"entries\":{\n},\"rejected\":{\n}}\n"
    }

    private var newest: Int64? {
        get throws { try PublishedRevision.newest(in: plan) }
    }

    @Test func `the newer of both files counts, and one may be missing`() throws {
        #expect(try newest == nil)
        try directory.write("manifest.json", snapshot(7))
        #expect(try newest == 7)
        try directory.write("manifest.ndjson", line(3) + line(9))
        #expect(try newest == 9)
        try directory.write("manifest.json", snapshot(12))
        #expect(try newest == 12)
        try directory.remove("manifest.json")
        #expect(try newest == 9)
    }

    @Test(arguments: [1, 20, 60])
    func `the last whole line of a journal counts, whatever follows it`(kept: Int) throws {
        try directory.write("manifest.ndjson", line(3) + line(9) + line(10).prefix(kept))
        #expect(try newest == 9)

        try directory.write("manifest.ndjson", line(9) + "\n\nnot ours\n{\"revision\": 99}\n")
        #expect(try newest == 9, "a line without an event is not ours")
    }

    @Test func `the last line is found behind any number of bytes`() throws {
        let junk = String(repeating: "x", count: 200_000)
        try directory.write("manifest.ndjson", (1...2000).map { line($0) }.joined() + junk)
        #expect(try newest == 2000)
        try directory.write("manifest.ndjson", junk)
        #expect(try newest == 0)
    }

    @Test func `a snapshot that is cut or written by a person still has its revision`() throws {
        try directory.write("manifest.json", String(snapshot(7).prefix(40)))
        #expect(try newest == 7)
        try directory.write("manifest.json", "{\n  \"revision\": 8,\n  \"schema\": 1, \"entries\": {}, \"rejected\": {}\n}")
        #expect(try newest == 8)
        for text in ["", "{", "[]", "{\"schema\":1,\"revision\":", "{\"schema\":1,\"revision\":12"] {
            try directory.write("manifest.json", text)
            #expect(try newest == 0, "\(text)")
        }
    }

    @Test func `what can be read of a damaged snapshot are its whole members`() {
        let (a, b) = (ManifestRow.entry("/in/a", 3), ManifestRow.rejected("/in/b", 4))
        let text = "{\"schema\":1,\"revision\":4,\"entries\":{\n\(ManifestFormat.member(a))\n},\"rejected\":{\n"
            + "\(ManifestFormat.member(b)),\n\(ManifestFormat.member(.rejected("/in/c", 2)).prefix(30))"

        let remains = ManifestFormat.remains(ofSnapshot: Array(text.utf8))

        #expect(remains.revision == 4)
        #expect(remains.rows == [a, b])
        #expect(remains.unreadable == 1)
    }
}
