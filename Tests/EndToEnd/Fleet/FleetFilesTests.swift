import Foundation
import Sandbox
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `fleet.json` and `fleet.ndjson` of a service, with a real PostgreSQL server.
    struct FleetFilesTests {
        @Test(.timeLimit(.minutes(5)))
        func `the files of all hosts fit their schemas, and the commands read them`() async throws {
            let server = try await PostgresServer.shared()
            _ = try await server.database("fleetfiles")
            try await withBench { bench in
                try bench.configure([Bench.Folder()])
                let fleet = "fleet: {database: \"\(server.conninfo("fleetfiles"))\", host: ingest-1}\n"
                try bench.write(Array((fleet + bench.yaml([Bench.Folder()])).utf8), to: "outtray.yaml")
                let made = try await bench.run("fleet", "init")
                #expect(made.code == 0, "\(made)")
                let files = SampleFile.accepted + SampleFile.rejected
                try await bench.withDaemon { _ in
                    for sample in files { try bench.write(sample.bytes, to: "inbox/\(sample.name)") }
                    try bench.write([], to: "inbox/100%25.jpg")
                    try await wait(for: "all files in the manifest of all hosts") {
                        let shown = try self.manifest(of: bench)
                        return self.count(shown?["entries"]) + self.count(shown?["rejected"]) == files.count + 1
                    }
                    try bench.move("inbox/photo.jpg", to: "inbox/renamed.jpg")
                    try bench.remove("inbox/picture.png")
                    let renamed = "ingest-1:\(bench.path("inbox/renamed.jpg"))"
                    let removed = "ingest-1:\(bench.path("inbox/picture.png"))"
                    try await wait(for: "the changes in the manifest of all hosts") {
                        let entries = try self.manifest(of: bench)?["entries"]
                        return entries?[renamed] != nil && entries?[removed]?["present"] == .bool(false)
                    }
                    let id = try await bench.run("manifest", "get", "--fleet", renamed, "--field", "mediaId")
                    #expect(id.code == 0 && id.output.hasPrefix("med_"), "\(id)")
                }

                let manifest = try #require(try manifest(of: bench))
                #expect(try validator("fleet.schema.json").problems(in: manifest) == [])
                let journal = try validator("fleet-journal.schema.json")
                let lines = try bench.read(bench.state.appending("fleet.ndjson")).split(separator: UInt8(ascii: "\n"))
                for line in lines {
                    let change = try JSONTree(parsing: Array(line))
                    #expect(journal.problems(in: change) == [], "\(change)")
                }
                #expect(lines.count > files.count)
            }
        }

        private func manifest(of bench: Bench) throws -> JSONTree? {
            let file = bench.state.appending("fleet.json")
            guard FileManager.default.fileExists(atPath: file.string) else { return nil }
            return try JSONTree(parsing: try bench.read(file))
        }

        private func count(_ tree: JSONTree?) -> Int {
            if case .object(let members)? = tree { members.count } else { 0 }
        }

        private func validator(_ name: String) throws -> JSONSchemaValidator {
            let etc = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../../etc")
            return JSONSchemaValidator(
                schema: try JSONTree(parsing: Array(try Data(contentsOf: etc.appending(path: name))))
            )
        }
    }
}
