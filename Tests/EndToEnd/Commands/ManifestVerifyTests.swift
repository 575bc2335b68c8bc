import Foundation
import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `outtray manifest verify`: what is told of files that were changed by others.
    struct ManifestVerifyTests {
        private static let folders: [Bench.Folder] = [.init(), .init(name: "reels", account: "linkedin")]

        /// A bench with entries that are there, left, were renamed and were rejected.
        private func withFilledBench(_ body: (Bench) async throws -> Void) async throws {
            try await withBench(Self.folders) { bench in
                for number in 0..<3 { try bench.write(Media.jpeg(number), to: "inbox/\(number).jpg") }
                try bench.write(Media.mp4(bytes: 20_000), to: "reels/a.mp4")
                try bench.write(Array("no media".utf8), to: "inbox/n.txt")
                try await bench.sync(endsWith: 65)
                try bench.remove("inbox/0.jpg")
                try bench.move("reels/a.mp4", to: "reels/b.mp4")
                try await bench.sync()
                try await body(bench)
            }
        }

        private func edit(_ file: FilePath, _ change: (String) -> String) throws {
            let text = try String(contentsOfFile: file.string, encoding: .utf8)
            let changed = change(text)
            try #require(changed != text)
            try changed.write(toFile: file.string, atomically: false, encoding: .utf8)
        }

        @Test(.timeLimit(.minutes(5)))
        func `what Outtray has written agrees, without the service and beside it, and nothing is sent`() async throws {
            try await withFilledBench { bench in
                let calls = bench.page.calls.count
                let before = try await bench.run("manifest", "verify")
                let json = try await bench.run("manifest", "verify", "--json")
                #expect(bench.page.calls.count == calls)
                let beside = try await bench.withDaemon { _ in
                    try bench.write(Media.jpeg(7), to: "inbox/7.jpg")
                    try await bench.waitForEntry("inbox/7.jpg")
                    return try await bench.run("manifest", "verify")
                }.value

                #expect(before.code == 0 && before.output == "ok  4 entries and 1 rejected agree\n", "\(before)")
                #expect(beside.code == 0, "\(beside)")
                #expect(
                    json.code == 0 && json.output == #"{"schema":1,"differences":[],"unmounted":0}"# + "\n",
                    "\(json)"
                )
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `each place that contradicts the ledger is named, with what to do`() async throws {
            try await withFilledBench { bench in
                try edit(bench.manifestFile) { $0.replacing(#""present":false"#, with: #""present":true"#) }
                try edit(bench.journalFile) { text in
                    text.split(separator: "\n").dropLast().map { $0 + "\n" }.joined() + "x\n"
                }
                try bench.remove("inbox/1.jpg")

                let ending = try await bench.run("manifest", "verify")
                let json = try await bench.run("manifest", "verify", "--json")

                #expect(ending.code == 65 && json.code == 65, "\(ending)")
                let left = bench.path("inbox/0.jpg")
                for start in [
                    "snapshot \(left): it says otherwise", "journal: it has 1 lines",
                    "disk \(bench.path("inbox/1.jpg")): ",
                ] {
                    #expect(
                        ending.lines.contains { $0.hasPrefix("differs  \(start)") && $0.contains(" — ") },
                        "\(ending)"
                    )
                }
                guard case .array(let told)? = try JSONTree(parsing: Array(json.output.utf8))["differences"] else {
                    Issue.record("\(json)")
                    return
                }
                #expect(told.count == ending.lines.count && told.allSatisfy { $0["fix"]?.string != nil })
                // The service mends what the lines say that it mends.
                try bench.remove("manifest.json")
                try bench.remove("manifest.ndjson")
                try await bench.sync()
                #expect(try await bench.run("manifest", "verify").code == 0)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `what cannot be read is 66, and what is not there yet is 75`() async throws {
            try await withBench { bench in
                #expect(try await bench.run("manifest", "verify").code == 75)
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                try await bench.sync()
                try bench.write(Array(try bench.read(bench.manifestFile).dropLast(9)), to: "manifest.json")

                let damaged = try await bench.run("manifest", "verify")

                #expect(damaged.code == 66 && damaged.error.contains("\(bench.manifestFile) is damaged"), "\(damaged)")
            }
        }
    }
}
