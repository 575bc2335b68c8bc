import Foundation
import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

/// A plan for both files in a directory of the test's own.
func manifestPlan(_ directory: TemporaryDirectory, interval: Duration = .seconds(1)) -> ManifestPlan {
    ManifestPlan(
        snapshot: directory.at("manifest.json"),
        journal: directory.at("manifest.ndjson"),
        interval: interval,
        mode: [.ownerReadWrite, .groupRead]
    )
}

@Suite struct SnapshotFileTests {
    private let directory: TemporaryDirectory
    private let source = MemorySource()

    init() throws {
        directory = try TemporaryDirectory()
    }

    private struct Read: Decodable {
        let schema: Int
        let revision: Int
        let generatedAt: String
        let entries: [String: [String: Value]]
        let rejected: [String: [String: Value]]

        /// Any value; only the keys are looked at.
        struct Value: Decodable {
            init(from decoder: any Decoder) throws {}
        }
    }

    private func read() throws -> Read {
        try JSONDecoder().decode(Read.self, from: Data(directory.text("manifest.json").utf8))
    }

    @Test func `entries and rejections stand in their sections, what is not shown in neither`() async throws {
        source.change(.uploaded) { .entry("/in/a", $0) }
        source.change(.rejected) { .rejected("/in/x", $0) }
        source.change(.uploaded) { .entry("/in/b", $0) }
        source.change(.removed) { .entry("/in/hidden", $0, shown: false) }
        source.change(.removed) { .rejected("/in/left", $0, shown: false) }

        let revision = try await SnapshotFile.write(manifestPlan(directory), from: source)

        let read = try read()
        #expect(revision == 5)
        #expect(read.schema == 1)
        #expect(read.revision == 5)
        #expect(Set(read.entries.keys) == ["/in/a", "/in/b"])
        #expect(Set(read.rejected.keys) == ["/in/x"])
        #expect(read.entries["/in/a"]?.count == 15)
    }

    @Test(arguments: [(0, 0), (2, 0), (0, 2)])
    func `a section without rows is empty and the file still parses`(entries: Int, rejections: Int) async throws {
        for number in 0..<entries { source.change(.uploaded) { .entry(FilePath("/in/e\(number)"), $0) } }
        for number in 0..<rejections { source.change(.rejected) { .rejected(FilePath("/in/r\(number)"), $0) } }

        _ = try await SnapshotFile.write(manifestPlan(directory), from: source)

        let read = try read()
        #expect(read.entries.count == entries)
        #expect(read.rejected.count == rejections)
    }

    @Test func `it has the mode that the plan says, whatever was there`() async throws {
        try directory.write("manifest.json", "old")
        try directory.setMode(of: "manifest.json", to: 0o777)

        _ = try await SnapshotFile.write(manifestPlan(directory), from: source)

        #expect(try directory.mode(of: "manifest.json") == 0o640)
        #expect(try directory.names() == ["manifest.json"])
    }

    @Test func `when it cannot be written to its end, the old one stays and nothing lies beside it`() async throws {
        try directory.write("manifest.json", "old")
        for number in 0..<4 { source.change(.uploaded) { .entry(FilePath("/in/\(number)"), $0) } }
        source.breakWalks(after: 2)

        await #expect(throws: MemorySource.Broken.self) {
            try await SnapshotFile.write(manifestPlan(directory), from: source)
        }

        #expect(try directory.text("manifest.json") == "old")
        #expect(try directory.names() == ["manifest.json"])
    }
}
