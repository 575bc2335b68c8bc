import Foundation
import Sandbox
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// `outtray setup`: by options as a script has it, and by answers on a terminal.
    struct SetupTests {
        private func setup(_ bench: Bench, _ arguments: String, input: String = "") async throws -> Ending {
            try await BuiltBinary.run(
                script: "\(input.isEmpty ? "" : "printf '\(input)' | ")outtray setup \(arguments)",
                environment: ["HOME": "\(bench.root)", "NO_COLOR": "1"]
            )
        }

        private func mode(_ file: FilePath) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: file.string)[.posixPermissions] as? Int
        }

        @Test(.timeLimit(.minutes(5)))
        func `from options to the first id`() async throws {
            try await withBench { bench in
                let file = bench.path("own/outtray.yaml")
                let arguments =
                    "--config \(file) --provider postbreeze --base-url \(bench.addresses.postbreeze) "
                    + "--folder \(bench.path("drop")) --key-file - --yes"

                let ending = try await setup(bench, arguments, input: "pb_live_sandbox\\n")

                #expect(ending.code == 0, "\(ending)")
                #expect(ending.output.contains("online main"), "\(ending)")
                #expect(!"\(ending)".contains("pb_live_sandbox"))
                #expect(try mode(bench.path("own/main.key")) == 0o600)
                #expect(try mode(file) == 0o644)

                try bench.write(Media.pdf(), to: "drop/a.pdf")
                let sync = try await BuiltBinary.run(
                    ["sync", "--config", file.string],
                    environment: ["HOME": "\(bench.root)"]
                )
                #expect(sync.code == 0, "\(sync)")
                #expect(bench.page.assets.map(\.sha256) == [Media.sha256(Media.pdf())])

                // What is there is never changed.
                let before = try bench.read(bench.path("own/outtray.yaml"))
                let again = try await setup(bench, arguments, input: "pb_live_sandbox\\n")
                #expect(again.code == 78 && again.error.contains("has accounts or folders already"), "\(again)")
                #expect(try bench.read(bench.path("own/outtray.yaml")) == before)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `the file of a package is added to, a bad key is told, and another account's key stays`() async throws {
            try await withBench { bench in
                let file = bench.path("own/outtray.yaml")
                try bench.makeDirectory("own")
                // As a package brings it.
                let shipped = FilePath(#filePath).removingLastComponent().pushing("../../../etc/outtray.yaml")
                let text = try String(contentsOfFile: shipped.string, encoding: .utf8)
                    .replacing("state_dir: /var/lib/outtray", with: "state_dir: \(bench.state)")
                try bench.write(Array(text.utf8), to: "own/outtray.yaml")
                try bench.write(Array("pb_live_other\n".utf8), to: "own/main.key")
                let arguments =
                    "--config \(file) --provider postbreeze --base-url \(bench.addresses.postbreeze) "
                    + "--folder \(bench.path("drop")) --key-file - --yes"

                let taken = try await setup(bench, arguments, input: "pb_live_sandbox\\n")
                #expect(taken.code == 78 && taken.error.contains("has another key already"), "\(taken)")
                #expect(try bench.read(bench.path("own/main.key")) == Array("pb_live_other\n".utf8))
                let empty = try await setup(bench, arguments, input: "\\n")
                #expect(empty.code == 78 && empty.error.contains("the key is empty"), "\(empty)")

                let wrong = try await setup(bench, arguments + " --account second", input: "pb_live_wrong\\n")
                #expect(wrong.code == 78 && wrong.output.contains("no  online second"), "\(wrong)")
                #expect(wrong.error.contains("Mend what is said there, then: outtray check"), "\(wrong)")
                let written = String(decoding: try bench.read(bench.path("own/outtray.yaml")), as: UTF8.self)
                #expect(written.hasPrefix(text) && written.contains("\nfolders:\n  drop:\n"))
            }
        }

        @Test(arguments: [
            ("", "give --provider"), ("--provider pigeon", "pigeon is no provider"),
            ("--provider postbreeze", "give --key-file"), ("--provider sandbox", "give --folder"),
            ("--provider sandbox --account 'a b' --yes", "--account is a name"),
        ])
        func `without a terminal, what is missing is told, and nothing is written`(
            arguments: String,
            words: String
        ) async throws {
            try await withBench { bench in
                let file = bench.path("own/outtray.yaml")
                let ending = try await setup(bench, "--config \(file) \(arguments) </dev/null")
                #expect(ending.code == 64 && ending.error.contains(words), "\(ending)")
                #expect(!FileManager.default.fileExists(atPath: bench.path("own").string))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `on a terminal it asks, shows no key, and asks again after a wrong answer`() async throws {
            try await withBench { bench in
                let file = bench.path("own/outtray.yaml")
                let answers = "pigeon\\npostbreeze\\n\\npb_live_sandbox\\ndrop\\n\(bench.path("drop"))\\n\\n"
                // A terminal of its own (script(1)). Each answer comes when its question was read.
                let command = "outtray setup --config \(file) --base-url \(bench.addresses.postbreeze)"
                let ending = try await BuiltBinary.run(
                    script: """
                        printf '\(answers)' | while IFS= read -r line; do sleep 0.5; printf '%s\\n' "$line"; done |
                            script -qec '\(command)' /dev/null
                        """,
                    environment: ["HOME": "\(bench.root)", "NO_COLOR": "1", "SHELL": "/bin/bash"]
                )

                #expect(ending.code == 0, "\(ending)")
                #expect(ending.output.contains("one of postbreeze, connectsafely, sandbox"), "\(ending)")
                #expect(ending.output.contains("the key is empty"), "\(ending)")
                #expect(ending.output.contains("an absolute path"), "\(ending)")
                #expect(!ending.output.contains("pb_live_sandbox"), "\(ending)")
                #expect(try bench.read(bench.path("own/main.key")) == Array("pb_live_sandbox\n".utf8))
                #expect(FileManager.default.fileExists(atPath: bench.path("drop").string))
            }
        }
    }
}
