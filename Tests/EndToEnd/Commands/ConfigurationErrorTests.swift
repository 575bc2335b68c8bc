import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// What a bad configuration gets: 78, a message with its place, and nothing started.
    struct ConfigurationErrorTests {
        /// One way to get it wrong.
        struct Fault: Sendable, CustomTestStringConvertible {
            let name: String
            /// The key that the message has to name.
            let key: String
            /// Part of the line that the message has to point to; nil where any place in the section will do.
            var line: String?
            /// False where there is no place to point to.
            var hasPlace = true
            /// What else the message says.
            var words = ""
            /// Makes a good configuration bad.
            let spoil: @Sendable (_ yaml: String, _ bench: Bench) throws -> String

            var testDescription: String { name }

            init(
                _ name: String,
                key: String,
                line: String? = nil,
                hasPlace: Bool = true,
                words: String = "",
                spoil: @escaping @Sendable (String, Bench) throws -> String
            ) {
                (self.name, self.key, self.line, self.hasPlace) = (name, key, line, hasPlace)
                (self.words, self.spoil) = (words, spoil)
            }

            /// A text in the configuration replaced by another, to whose line the message has to point if it is about
            /// that very key, and not about a section.
            static func replacing(
                _ name: String,
                _ text: String,
                with other: String,
                key: String,
                words: String = ""
            ) -> Fault {
                let own = other.prefix { $0 != ":" }
                let isOwn = key.contains(".\(own)")
                return Fault(name, key: key, line: isOwn ? other : nil, words: words) { yaml, _ in
                    yaml.replacing(text, with: other, maxReplacements: 1)
                }
            }
        }

        static let faults: [Fault] = [
            Fault("a path longer than Linux takes", key: "folders.inbox.path", words: "longer than Linux takes") {
                $0.replacing("\($1.root)/inbox", with: "\($1.root)/\(String(repeating: "n", count: 256))")
            },
            Fault("a manifest in a path that is a file", key: "manifest.path", words: "not a directory") {
                $0.replacing("\($1.root)/manifest.json", with: "\($1.root)/main.key/manifest.json")
            },
            Fault("a manifest in a directory that is not there", key: "manifest.path", words: "does not exist") {
                $0.replacing("\($1.root)/manifest.json", with: "\($1.root)/none/manifest.json")
            },
            Fault("a journal in a directory that is not there", key: "manifest.journal", words: "does not exist") {
                $0.replacing("\($1.root)/manifest.ndjson", with: "\($1.root)/none/manifest.ndjson")
            },
            Fault("a folder inside another one", key: "folders.second", words: "lies in") { yaml, bench in
                try bench.makeDirectory("inbox/sub")
                return yaml + "  second:\n    path: \(bench.root)/inbox/sub\n    account: main\n"
            },
            Fault("a folder inside another one by way of a link", key: "folders.second", words: "lies in") {
                yaml,
                bench in
                try bench.makeDirectory("inbox/sub")
                #expect(symlink("\(bench.root)/inbox/sub", "\(bench.root)/alias") == 0)
                return yaml + "  second:\n    path: \(bench.root)/alias\n    account: main\n"
            },
            Fault("two folders with one path", key: "folders.second", words: "already") { yaml, bench in
                yaml + "  second:\n    path: \(bench.root)/inbox\n    account: main\n"
            },
            .replacing(
                "an unknown account",
                "account: main",
                with: "account: nobody",
                key: "folders.inbox",
                words: "nobody"
            ),
            Fault("a key file others can read", key: "accounts.main", words: "chmod 600") { yaml, bench in
                #expect(chmod("\(bench.root)/main.key", 0o644) == 0)
                return yaml
            },
            Fault("a key file that is not there", key: "accounts.main", words: "main.key") { yaml, bench in
                try bench.remove("main.key")
                return yaml
            },
            Fault("a key file that is empty", key: "accounts.main", words: "empty") { yaml, bench in
                try bench.write([], to: "main.key")
                return yaml
            },
            Fault("a manifest inside a watched folder", key: "manifest.path", line: "manifest:", words: "lies in") {
                $0.replacing("\($1.root)/manifest.json", with: "\($1.root)/inbox/manifest.json")
            },
            Fault("a journal inside a watched folder", key: "manifest.journal", line: "manifest:", words: "lies in") {
                $0.replacing("\($1.root)/manifest.ndjson", with: "\($1.root)/inbox/manifest.ndjson")
            },
            Fault("a state directory inside a watched folder", key: "state_dir", line: "state_dir:", words: "lies in") {
                $0.replacing("state_dir: \($1.root)/state", with: "state_dir: \($1.root)/inbox/state")
            },
            .replacing(
                "an unknown key",
                "settle: ",
                with: "setle: ",
                key: "folders.inbox.setle",
                words: "did you mean settle"
            ),
            .replacing("a number without a unit", "settle: 300ms", with: "settle: 300", key: "folders.inbox.settle"),
            .replacing("a negative duration", "settle: 300ms", with: "settle: -1s", key: "folders.inbox.settle"),
            .replacing(
                "a list in place of a text",
                "account_id: test",
                with: "account_id: [a]",
                key: "accounts.linkedin.account_id"
            ),
            .replacing(
                "an unknown provider",
                "provider: connectsafely",
                with: "provider: myspace",
                key: "accounts.linkedin.provider"
            ),
            Fault("an http address of another machine", key: "accounts.main.base_url", line: "base_url:") {
                yaml,
                bench in
                yaml.replacing(bench.addresses.postbreeze, with: "http://example.com/api/v1")
            },
            .replacing("a rate that is none", "rate: [10000/1s]", with: "rate: [fast]", key: "accounts.main.rate[0]"),
            .replacing(
                "a concurrency of nought",
                "rate: [10000/1s]",
                with: "concurrency: 0",
                key: "accounts.main.concurrency"
            ),
            .replacing(
                "limits above the account's",
                "settle: 300ms",
                with: "limits: {document: 1GB}",
                key: "folders.inbox.limits.document",
                words: "document is 1 GB, but account main allows 100 MB"
            ),
            Fault(
                "a limit above the account's, on a line of its own",
                key: "folders.inbox.limits.video",
                line: "video: 9GB"
            ) {
                yaml,
                _ in
                yaml.replacing("settle: 300ms", with: "limits:\n      document: 1MB\n      video: 9GB")
            },
            .replacing(
                "a range that is none",
                "settle: 300ms",
                with: "limits: {video: {seconds: 3-1800}}",
                key: "folders.inbox.limits.video.seconds",
                words: "write 3..1800"
            ),
            .replacing(
                "a move on one line",
                "settle: 300ms",
                with: "after_upload: move: /srv/done",
                key: "not YAML",
                words: "write after_upload: {move: /srv/done}"
            ),
            .replacing(
                "a pattern without quotation marks",
                "settle: 300ms",
                with: "ignore: *.draft",
                key: "not YAML",
                words: "ignore: [\"*.draft\"]"
            ),
            .replacing(
                "a pattern of a path that leads out of the folder",
                "settle: 300ms",
                with: "ignore: [ok, ../drafts]",
                key: "folders.inbox.ignore[1]",
                words: "begin with / for the folder itself"
            ),
            .replacing(
                "a type that the provider does not take",
                "settle: 300ms",
                with: "accept: [image/jpeg, audio/mpeg]",
                key: "folders.inbox.accept[1]",
                words: "takes no audio/mpeg"
            ),
            .replacing(
                "a pattern that every name matches",
                "settle: 300ms",
                with: "ignore: [\"?*\"]",
                key: "folders.inbox.ignore[0]",
                words: "nothing would go up"
            ),
            .replacing(
                "a pattern whose range is empty",
                "settle: 300ms",
                with: "ignore: [\"[z-a]*\"]",
                key: "folders.inbox.ignore[0]",
                words: "write a-z"
            ),
            Fault("a directory in the default place of the manifest", key: "manifest.path", words: "directory") {
                yaml,
                bench in
                try bench.makeDirectory("elsewhere/manifest.json")
                return yaml.replacing("state_dir: \(bench.root)/state", with: "state_dir: \(bench.root)/elsewhere")
                    .split(separator: "\n").filter { !$0.hasPrefix("manifest:") }.joined(separator: "\n") + "\n"
            },
            Fault("a manifest in the ledger's place", key: "manifest.path", line: "manifest:", words: "the ledger's") {
                $0.replacing("\($1.root)/manifest.json", with: "\($1.root)/state/outtray.db")
            },
            .replacing(
                "an after_upload that is none",
                "settle: 300ms",
                with: "after_upload: burn",
                key: "folders.inbox.after_upload"
            ),
            .replacing(
                "a relative path",
                "settle: 300ms",
                with: "after_upload: {move: done}",
                key: "folders.inbox.after_upload.move"
            ),
            Fault(
                "a folder that uploads are moved to, which is watched",
                key: "folders.inbox.after_upload",
                words: "lies in"
            ) {
                $0.replacing("settle: 300ms", with: "after_upload: {move: \($1.root)/inbox}")
            },
            .replacing("a key twice", "settle: 300ms", with: "settle: 300ms\n    settle: 1s", key: "settle"),
            .replacing("what is not YAML", "settle: 300ms", with: "settle: [300ms", key: "not YAML"),
            Fault("no folder at all", key: "folders", hasPlace: false, words: "no folder") { yaml, _ in
                String(yaml[..<(yaml.range(of: "folders:")?.lowerBound ?? yaml.startIndex)])
            },
        ]

        @Test(.timeLimit(.minutes(5)), arguments: faults)
        func `a bad configuration is 78 with its place, before anything starts`(fault: Fault) async throws {
            try await withBench { bench in
                let yaml = try fault.spoil(bench.yaml([.init()]), bench)
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")

                for command in ["check", "run"] {
                    let ending = try await bench.run(command)

                    #expect(ending.code == 78, "\(command): \(ending)")
                    let place = try #require(
                        Place(ending.error, file: bench.configuration, key: fault.key),
                        "\(ending)"
                    )
                    #expect(fault.words.isEmpty || place.message.contains(fault.words), "\(ending)")
                    guard fault.hasPlace else { continue }
                    let line = try #require(place.line, "it has no line: \(ending.error)")
                    let column = try #require(place.column, "it has no column: \(ending.error)")
                    let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
                    if let text = fault.line {
                        #expect(lines.firstIndex { $0.contains(text) } == line - 1, "\(ending)")
                        let before = lines[line - 1].prefix(column - 1)
                        #expect(before.last.map { " [{".contains($0) } ?? true, "no word begins there: \(ending)")
                    } else {
                        #expect((1...lines.count).contains(line))
                    }
                }

                #expect(!bench.exists("state"), "a state directory was made")
                #expect(!bench.exists("inbox/state"))
                #expect(!bench.exists("manifest.json"))
                #expect(bench.page.calls.isEmpty)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `what the unit makes read-only is told with the unit's setting, to a person as a mount`() async throws {
            try await withBench([.init(lines: ["after_upload: delete"])]) { bench in
                try await withSmallDisk(on: bench.path("inbox"), size: "256k") { disk in
                    try await disk.remount(readOnly: true)
                    let command = ["check", "--config", bench.configuration.string]

                    let shell = try await BuiltBinary.run(command, environment: ["INVOCATION_ID": nil], in: disk)
                    let unit = try await BuiltBinary.run(
                        command,
                        environment: ["INVOCATION_ID": "1", "SYSTEMD_EXEC_PID": nil],
                        in: disk
                    )

                    let place = "no  folder inbox: \(bench.path("inbox")) is"
                    #expect(shell.code == 75 && unit.code == 75, "a mount mends it: \(shell)")
                    #expect(shell.output.contains("\(place) on a file system that is mounted read-only"), "\(shell)")
                    #expect(unit.output.contains("\(place) read-only for the service"), "\(unit)")
                    #expect(unit.output.contains("ReadWritePaths=\(bench.path("inbox"))"), "\(unit)")
                }
            }
        }

        @Test(
            .timeLimit(.minutes(5)),
            .enabled(if: geteuid() == 0 && OtherUser.canRunTheBinary, "root gives files away")
        )
        func `a key of root's that the service may not read is told with what lets the service's group`() async throws {
            try await withBench { bench in
                try bench.give(to: OtherUser.id)
                #expect(chown(bench.path("main.key").string, 0, 4711) == 0)

                let ending = try await bench.run("run", user: OtherUser.argument)

                #expect(ending.code == 78, "\(ending)")
                #expect(ending.error.contains("its mode is 0600 and its group 4711: chgrp "), "\(ending)")
                #expect(ending.error.contains(" && chmod 640 \(bench.path("main.key"))"), "\(ending)")
                #expect(!ending.error.contains("chmod 600"), "\(ending)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `all that is wrong is told at once, one line each`() async throws {
            try await withBench { bench in
                let yaml = bench.yaml([.init()]).replacing("settle: 300ms", with: "settle: soon")
                    .replacing("account_id", with: "acount_id")
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")

                let ending = try await bench.run("check")

                #expect(ending.code == 78)
                #expect(ending.error.split(separator: "\n").count == 2, "\(ending)")
                #expect(Place(ending.error, file: bench.configuration, key: "folders.inbox.settle") != nil)
                #expect(Place(ending.error, file: bench.configuration, key: "accounts.linkedin.acount_id") != nil)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a configuration that is not there is 78, and the message names it`() async throws {
            try await withBench { bench in
                try bench.remove("outtray.yaml")

                for command in ["check", "run", "sync"] {
                    let ending = try await bench.run(command)

                    #expect(ending.code == 78, "\(ending)")
                    #expect(ending.error.contains("\(bench.configuration): there is no such file"), "\(ending)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `check says ok for each account and folder of a good one, and shows no key`() async throws {
            try await withBench([.init(), .init(name: "linkedin", account: "linkedin")]) { bench in
                let ending = try await bench.run("check")

                #expect(ending.code == 0, "\(ending)")
                #expect(ending.lines.allSatisfy { $0.hasPrefix("ok") }, "\(ending)")
                for name in ["account main", "account linkedin", "folder inbox", "folder linkedin"] {
                    #expect(ending.output.contains(name))
                }
                #expect(!ending.output.contains("pb_live_sandbox"))
                #expect(!bench.exists("state"))
            }
        }
    }

    /// One line of a configuration error: `file:line:column: key: message`.
    private struct Place {
        let line: Int?
        let column: Int?
        let message: String

        /// The first line that names the key; nil where none does.
        init?(_ text: String, file: FilePath, key: String) {
            guard
                let found = text.split(separator: "\n").first(where: {
                    $0.hasPrefix(file.string) && $0.contains("\(key)")
                })
            else { return nil }
            let numbers = found.dropFirst(file.string.utf8.count).split(separator: ":", maxSplits: 2)
            line = numbers.first.flatMap { Int($0) }
            column = numbers.dropFirst().first.flatMap { Int($0) }
            message = String(found)
        }
    }
}
