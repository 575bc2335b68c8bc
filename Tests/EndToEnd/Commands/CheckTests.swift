import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `outtray check` beside the configuration: the machine, the APIs, and the rules that pass over files.
    struct CheckTests {
        private func checks(_ ending: Ending) throws -> [JSONTree] {
            guard case .array(let checks)? = try JSONTree(parsing: Array(ending.output.utf8))["checks"] else {
                return []
            }
            return checks
        }

        private func line(_ start: String, of ending: Ending) -> String? {
            ending.lines.first { $0.dropFirst(4).hasPrefix(start) }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a plain check sends nothing, and scripts get the same findings as people`() async throws {
            try await withBench { bench in
                try bench.makeDirectory("inbox/a/b")
                let text = try await bench.run("check")
                let json = try await bench.run("check", "--json")

                #expect(text.code == 0 && json.code == 0 && json.lines.count == 1, "\(text)\(json)")
                #expect(bench.page.calls.isEmpty)
                #expect(!text.output.contains("\u{1B}"))
                let checks = try checks(json)
                #expect(checks.map { $0["ok"] } == checks.map { _ in .bool(true) })
                let names = text.lines.compactMap { $0.dropFirst(4).split(separator: " ").first.map(String.init) }
                #expect(names.map { $0.filter { $0 != ":" } } == checks.compactMap { $0["name"]?.string })
                #expect(line("watch inbox: inotify, 3 directories", of: text) != nil, "\(text)")
                #expect(line("key main: \(bench.path("main.key"))", of: text) != nil, "\(text)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a configuration that is wrong is a finding for scripts, too`() async throws {
            try await withBench { bench in
                try bench.remove("main.key")

                let ending = try await bench.run("check", "--json")

                #expect(ending.code == 78, "\(ending)")
                let check = try #require(try checks(ending).first)
                #expect(check["name"]?.string == "configuration" && check["ok"] == .bool(false))
                #expect(check["subject"]?.string == "accounts.main.api_key_file", "\(ending)")
                #expect(ending.error.split(separator: "\n").count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)), .enabled(if: OtherUser.canRunTheBinary))
        func `a directory that cannot be read is named, and ends with 75`() async throws {
            try await withBench { bench in
                try bench.makeDirectory("inbox/closed")
                try bench.give(to: OtherUser.id)
                #expect(chmod(bench.path("inbox/closed").string, 0) == 0)

                let ending = try await bench.run("check", user: OtherUser.argument)

                #expect(ending.code == 75, "\(ending)")
                let line = line("watch inbox: inotify, 1 directory; \(bench.path("inbox/closed"))", of: ending)
                #expect(line?.hasPrefix("no") == true && line?.contains("setfacl") == true, "\(ending)")
            }
        }

        @Test(.timeLimit(.minutes(5)), .enabled(if: OtherUser.canRunTheBinary))
        func `a state directory that cannot be written is no permission`() async throws {
            try await withBench { bench in
                try bench.makeDirectory("state")
                try bench.give(to: OtherUser.id)
                #expect(chmod(bench.state.string, 0o555) == 0)

                let ending = try await bench.run("check", user: OtherUser.argument)

                #expect(ending.code == 77, "\(ending)")
                #expect(
                    line("state: \(bench.state) cannot be written to", of: ending)?.hasPrefix("no") == true,
                    "\(ending)"
                )
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a running service is named, and a look as another user than its own says so`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { daemon in
                    let ending = try await bench.run("check")
                    #expect(ending.code == 0, "\(ending)")
                    #expect(
                        line("service: process \(daemon.id) works with \(bench.state)", of: ending) != nil,
                        "\(ending)"
                    )
                    #expect(line("user: ", of: ending)?.hasPrefix("ok") == true, "\(ending)")
                }
                guard getuid() == 0 else { return }
                #expect(chown(bench.state.string, 4711, 4711) == 0)
                let other = try await bench.run("check")
                #expect(other.code == 0 && line("user: ", of: other)?.contains("sudo -u 4711") == true, "\(other)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a small disk is no failure, and is told`() async throws {
            try await withBench { bench in
                try await withSmallDisk(on: bench.path("state"), size: "4m") { disk in
                    let ending = try await bench.run("check", in: disk)

                    #expect(ending.code == 0, "\(ending)")
                    let lines = ending.lines.filter { $0.contains("space: ") }
                    #expect(lines.contains { $0.hasPrefix("!") && $0.contains(bench.state.string) }, "\(ending)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `online, each account is called once and nothing is created`() async throws {
            try await withBench { bench in
                let ending = try await bench.run("check", "--online")

                #expect(ending.code == 0, "\(ending)")
                for account in ["main", "linkedin"] {
                    let line = line("online \(account): ", of: ending)
                    #expect(
                        line?.hasPrefix("ok") == true && line?.contains("did not refuse the key") == true,
                        "\(ending)"
                    )
                }
                #expect(bench.page.calls.count == 2 && bench.page.calls.allSatisfy { $0.route.hasPrefix("GET ") })
                #expect(bench.page.assets.isEmpty)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `online, an address without the API's path is wrong`() async throws {
            try await withBench { bench in
                let yaml = bench.yaml([.init()]).replacing(
                    bench.addresses.postbreeze,
                    with: bench.addresses.postbreeze.replacing("/api/v1", with: "")
                )
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")

                let ending = try await bench.run("check", "--online")

                #expect(ending.code == 78, "\(ending)")
                let line = line("online main: ", of: ending)
                #expect(line?.contains("does base_url end in /api/v1?") == true, "\(ending)")
                #expect(bench.page.calls.count == 2)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `online, a refused key is wrong and an API that is away is waited for`() async throws {
            try await withBench { bench in
                try bench.writeKey("wrong", of: "main")
                let refused = try await bench.run("check", "--online")
                try bench.writeKey("pb_live_sandbox", of: "main")
                try await ClosedPort.run { url in
                    let yaml = bench.yaml([.init()]).replacing(bench.addresses.postbreeze, with: url)
                    try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                    let away = try await bench.run("check", "--online", "--json")

                    #expect(away.code == 75, "\(away)")
                    let main = try checks(away).first {
                        $0["name"]?.string == "online" && $0["subject"]?.string == "main"
                    }
                    #expect(main?["ok"] == .bool(false) && main?["fix"]?.string != nil, "\(away)")
                    #expect(main?["message"]?.string?.contains("connection refused") == true, "\(away)")
                }

                #expect(refused.code == 78, "\(refused)")
                #expect(line("online main: ", of: refused)?.contains("answered 401") == true, "\(refused)")
                #expect(line("online linkedin: ", of: refused)?.hasPrefix("ok") == true, "\(refused)")
                #expect(!refused.output.contains("wrong\n"))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `of each path it says which rule passes over it, as git does with its exit code`() async throws {
            try await withBench([.init(lines: [#"ignore: ["*.draft.*"]"#])]) { bench in
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                let inbox = bench.path("inbox")
                let several = try await bench.run(
                    "check",
                    "--ignored",
                    "\(inbox)/a.jpg",
                    "\(inbox)/b.draft.jpg",
                    "/etc/fstab"
                )
                let taken = try await bench.run("check", "--ignored", "\(inbox)/a.jpg")
                let json = try await bench.run("check", "--json", "--ignored", "\(inbox)/.a.jpg")

                #expect(several.code == 0 && several.lines.count == 3, "\(several)")
                #expect(several.lines.first == "not ignored  \(inbox)/a.jpg: its folder inbox takes it")
                #expect(several.lines[1].hasPrefix("ignored      \(inbox)/b.draft.jpg: "))
                #expect(several.lines[1].contains("the pattern *.draft.* matches (line "), "\(several)")
                #expect(several.lines[2].contains("it is in no watched folder"))
                #expect(taken.code == 1, "\(taken)")
                guard case .array(let paths)? = try JSONTree(parsing: Array(json.output.utf8))["paths"] else {
                    Issue.record("\(json)")
                    return
                }
                #expect(json.code == 0 && paths.map { $0["ignored"] } == [.bool(true)], "\(json)")
                #expect(!bench.exists("state"))
            }
        }
    }
}
