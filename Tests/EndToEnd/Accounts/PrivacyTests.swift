import Foundation
import Glibc
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// What other users and readers of logs get to see.
    struct PrivacyTests {
        @Test(.timeLimit(.minutes(5)))
        func `no key and no signed URL is in the log, the manifest or the journal`() async throws {
            try await withBench([.init(), .init(name: "linkedin", account: "linkedin")]) { bench in
                bench.sandbox.weather.failEveryNthPut = 2
                let end = try await bench.withDaemon { _ in
                    try bench.write(Media.pdf(), to: "inbox/a.pdf")
                    try bench.write(Media.jpeg(), to: "linkedin/b.jpg")
                    try await bench.waitForManifest("both") { $0.entries.count == 2 }
                }

                let files = try [bench.manifestFile, bench.journalFile].map {
                    String(decoding: try bench.read($0), as: UTF8.self)
                }
                for text in files + [end.log] {
                    #expect(!text.isEmpty)
                    #expect(!text.contains("pb_live_sandbox") && !text.contains("cs_sandbox"))
                    #expect(!text.localizedCaseInsensitiveContains("signature="), "\(text)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `others may read the manifest and the journal, and not the ledger`() async throws {
            try await withBench { bench in
                try bench.write(Media.pdf(), to: "inbox/a.pdf")
                try await bench.sync()

                let manager = FileManager.default
                func mode(_ path: FilePath) throws -> Int? {
                    try manager.attributesOfItem(atPath: path.string)[.posixPermissions] as? Int
                }
                #expect(try mode(bench.manifestFile) == 0o644)
                #expect(try mode(bench.journalFile) == 0o644)
                let ledger = try manager.contentsOfDirectory(atPath: bench.state.string).filter {
                    $0.contains("outtray.db")
                }
                #expect(!ledger.isEmpty)
                for name in ledger { #expect(try mode(bench.state.appending(name)) == 0o600, "\(name)") }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `manifest mode of the configuration is taken`() async throws {
            try await withBench { bench in
                let yaml = bench.yaml([.init()]).replacing("interval: 50ms", with: "interval: 50ms, mode: 0640")
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")

                try await bench.sync()

                for path in [bench.manifestFile, bench.journalFile] {
                    let attributes = try FileManager.default.attributesOfItem(atPath: path.string)
                    #expect(attributes[.posixPermissions] as? Int == 0o640, "\(path)")
                }
            }
        }
    }
}
