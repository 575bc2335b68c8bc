import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// Standard output that cannot be written is never a success.
    struct UnwritableOutputTests {
        @Test(.timeLimit(.minutes(5)), arguments: ["> /dev/full", ">&-"])
        func `each command that prints ends with 73 where it cannot`(redirection: String) async throws {
            try await withBench { bench in
                let path = try bench.write(Media.pdf(), to: "inbox/a.pdf")
                let config = "--config '\(bench.configuration)'"
                let commands = [
                    "push \(config) '\(path)'", "push --json \(config) '\(path)'", "manifest get \(config) '\(path)'",
                    "manifest get --field mediaId \(config) '\(path)'", "manifest list \(config)",
                    "manifest list --json \(config)", "manifest export --csv \(config)", "check \(config)",
                    "check --repair \(config)", "--version",
                    "--help",
                    "push --help", "--generate-completion-script bash",
                    "sandbox --directory '\(bench.path("other"))' --postbreeze-port 0 --connectsafely-port 0 --storage-port 0",
                ]

                for command in commands {
                    let ending = try await BuiltBinary.run(
                        script: "outtray \(command) \(redirection)",
                        environment: ["HOME": bench.root.string]
                    )

                    #expect(ending.code == 73, "\(command): \(ending)")
                    #expect(ending.error.contains("standard output cannot be written"), "\(command): \(ending)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `what is told to closed streams lands in no file`() async throws {
            try await withBench { bench in
                let path = try bench.write(Media.pdf(), to: "inbox/a.pdf")

                let ending = try await BuiltBinary.run(
                    script: "outtray push --config '\(bench.configuration)' '\(path)' <&- >&- 2>&-",
                    environment: ["HOME": bench.root.string]
                )

                #expect(ending.code == 73, "\(ending)")
                try bench.expectUploadedOnce("inbox/a.pdf", Media.pdf(), kind: "DOCUMENT")
                #expect(try bench.journal().count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a reader that goes away gets no complaint, and the command is no success`() async throws {
            try await withBench { bench in
                let path = try bench.write(Media.pdf(), to: "inbox/a.pdf")
                try await bench.sync()
                let get = "outtray manifest get --config '\(bench.configuration)' '\(path)'"

                let ending = try await BuiltBinary.run(script: "\(get) | true; echo ${PIPESTATUS[0]}")

                // The reader may still have been there.
                #expect(["0", "73"].contains(ending.lines.last), "\(ending)")
                #expect(!ending.error.contains("cannot be written"), "\(ending)")
            }
        }
    }
}
