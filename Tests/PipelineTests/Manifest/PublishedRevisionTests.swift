import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

/// The newest revision of the manifest's two files, whole or cut.
@Suite struct PublishedRevisionTests {
    private let directory: TemporaryDirectory
    private let plan: ManifestPlan

    init() throws {
        directory = try TemporaryDirectory()
        plan = manifestPlan(directory)
    }

    private func line(_ revision: Int64, path: FilePath = "/in/a") -> String {
        ManifestFormat.line(ManifestChange(event: .uploaded, row: .entry(path, revision)))
    }

    @Test func `without both files there is none, and of both the higher one counts`() throws {
        #expect(try PublishedRevision.newest(in: plan) == nil)

        try directory.write("manifest.ndjson", Array((line(1) + line(2)).utf8))
        #expect(try PublishedRevision.newest(in: plan) == 2)

        try directory.write("manifest.json", Array(#"{"schema":1,"revision":7,"entries":{},"rejected":{}}"#.utf8))
        #expect(try PublishedRevision.newest(in: plan) == 7)

        try directory.write("manifest.ndjson", Array(line(9).utf8))
        #expect(try PublishedRevision.newest(in: plan) == 9)
    }

    @Test func `a snapshot tells it as it was written, in another form, and cut after its head`() async throws {
        let source = MemorySource()
        for name in 0..<200 { source.change(.uploaded) { .entry(FilePath("/in/\(name)"), $0) } }
        _ = try await SnapshotFile.write(plan, from: source)
        let text = try directory.text("manifest.json")
        #expect(try PublishedRevision.newest(in: plan) == 200)

        try directory.write("manifest.json", Array(text.utf8.prefix(text.utf8.count / 2)))
        #expect(try PublishedRevision.newest(in: plan) == 200)

        let edited = "{\n  \"revision\": 200, \"schema\": 1, \"entries\": {}, \"rejected\": {}\n}"
        try directory.write("manifest.json", Array(edited.utf8))
        #expect(try PublishedRevision.newest(in: plan) == 200)
    }

    @Test(arguments: ["", "\n", "{", "[]", #"{"schema":1,"revision":"#, #"{"schema":1,"revision":12"#, "no manifest"])
    func `a file that tells none counts as 0`(text: String) throws {
        try directory.write("manifest.json", Array(text.utf8))
        try directory.write("manifest.ndjson", Array(text.utf8))

        #expect(try PublishedRevision.newest(in: plan) == 0)
    }

    @Test func `a journal tells it by its last line that can be read, however long lines are`() throws {
        let long = FilePath("/in/" + String(repeating: "x", count: 100_000))
        let ending = [line(4).dropLast(20), "\n", "no line of ours\n"].joined()
        for (text, newest) in [
            (line(1) + line(2) + ending, Int64(2)), (line(3, path: long), 3),
            (line(1) + line(3, path: long) + ending, 3),
            (line(5) + String(repeating: "?", count: 200_000), 5), (String(repeating: "\n", count: 200_000), 0),
        ] {
            try directory.write("manifest.ndjson", Array(text.utf8))

            #expect(try PublishedRevision.newest(in: plan) == newest)
        }
    }

    @Test(arguments: ["manifest.json", "manifest.ndjson"])
    func `what is no regular file is not waited for`(name: String) throws {
        #expect(mkfifo(directory.at(name).string, 0o600) == 0)

        #expect(throws: NotRegular(kind: S_IFIFO)) { try PublishedRevision.newest(in: plan) }
    }

    @Test func `of a snapshot that is cut, the lines that can be read are still known`() async throws {
        let source = MemorySource()
        source.change(.uploaded) { .entry("/in/a", $0) }
        source.change(.uploaded) { .entry("/in/b", $0) }
        source.change(.rejected) { .rejected("/in/x", $0) }
        _ = try await SnapshotFile.write(plan, from: source)
        let text = try directory.text("manifest.json")
        let place = try #require(text.range(of: "\"/in/b\"")).upperBound
        for (end, paths) in [
            (text.index(place, offsetBy: 20), ["/in/a"]), (text.index(text.endIndex, offsetBy: -3), nil),
        ] {
            try directory.write("manifest.json", Array(text[..<end].utf8))

            let record = try #require(try ManifestRecord(reading: plan))

            #expect(Set(record.rows.keys.map(\.string)) == Set(paths ?? ["/in/a", "/in/b", "/in/x"]))
            #expect(record.revision == 3 && record.unreadable == 1)
        }
    }
}
