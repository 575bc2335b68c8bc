import Foundation
import Sandbox
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// Real output against the schemas in `etc/`.
    struct SchemaTests {
        @Test(.timeLimit(.minutes(5)))
        func `manifest and journal of files that came, changed, moved, left and were rejected fit their schemas`()
            async throws
        {
            let folders: [Bench.Folder] = [.init(), .init(name: "linkedin", account: "linkedin")]
            try await withBench(folders) { bench in
                bench.sandbox.weather.normaliseImagesFor = .milliseconds(300)
                try await bench.withDaemon { _ in
                    for sample in SampleFile.accepted + SampleFile.rejected {
                        try bench.write(sample.bytes, to: "inbox/\(sample.name)")
                        try bench.write(sample.bytes, to: "linkedin/\(sample.name)")
                    }
                    try bench.write([], to: "inbox/empty.jpg")
                    let accepted = try await bench.waitForManifest("all files") {
                        $0.entries.count + $0.rejected.count == 2 * (SampleFile.accepted + SampleFile.rejected).count
                            + 1
                    }
                    #expect(!accepted.entries.isEmpty)
                    try bench.move("inbox/photo.jpg", to: "inbox/renamed \u{1F4F7} \"photo\"\n.jpg")
                    try bench.remove("inbox/picture.png")
                    try bench.remove("inbox/recording.mkv")
                    try bench.write(Media.pdf(7), to: "inbox/brochure.pdf")
                    let outside = try bench.write(Media.jpeg(9), to: "outside.jpg")
                    #expect(try await bench.run("push", "--account", "main", outside.string).code == 0)
                    try await bench.waitForManifest("all changes") { manifest in
                        manifest.entries[bench.path("inbox/renamed \u{1F4F7} \"photo\"\n.jpg").string] != nil
                            && manifest.entries[bench.path("inbox/picture.png").string]?.present == false
                            && manifest.rejected[bench.path("inbox/recording.mkv").string] == nil
                            && manifest.entries.values.allSatisfy { $0.status != "processing" }
                    }
                }

                try expectToFitSchemas(bench)
                let events = Set(try bench.journal().map(\.event))
                #expect(events == ["uploaded", "updated", "renamed", "removed", "rejected"])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a path that is not UTF-8 is percent-encoded, and fits the schemas`() async throws {
            try await withBench { bench in
                // 0xFF stands in no UTF-8 text; the name also has a percent sign.
                let path = bench.path("inbox").string.utf8 + Array("/100%".utf8) + [0xFF] + Array(".jpg".utf8)
                try writeRaw(Media.jpeg(), to: Array(path))

                try await bench.sync()

                let manifest = try JSONTree(parsing: try bench.read(bench.manifestFile))
                let entry = manifest["entries"]?["\(bench.path("inbox"))/100%25%FF.jpg"]
                #expect(entry?["pathEncoding"] == .string("percent"))
                try expectToFitSchemas(bench)
            }
        }

        private func expectToFitSchemas(_ bench: Bench) throws {
            let manifest = try JSONTree(parsing: try bench.read(bench.manifestFile))
            #expect(try validator("manifest.schema.json").problems(in: manifest) == [])
            let journal = try validator("journal.schema.json")
            for line in try bench.read(bench.journalFile).split(separator: UInt8(ascii: "\n")) {
                let change = try JSONTree(parsing: Array(line))
                #expect(journal.problems(in: change) == [], "\(change)")
            }
        }

        private func validator(_ name: String) throws -> JSONSchemaValidator {
            let etc = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../../etc")
            return JSONSchemaValidator(
                schema: try JSONTree(parsing: Array(try Data(contentsOf: etc.appending(path: name))))
            )
        }

        private func writeRaw(_ bytes: [UInt8], to path: [UInt8]) throws {
            let file = try #require(
                (path + [0]).withUnsafeBytes { fopen($0.bindMemory(to: CChar.self).baseAddress, "w") }
            )
            #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
            #expect(fclose(file) == 0)
        }
    }
}
