import Glibc
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// An account is whom the bytes go to, not its name in the configuration.
    struct AccountIdentityTests {
        /// The account that a name meant, and the one that it means then.
        struct Change: Sendable, CustomTestStringConvertible {
            let what: String
            var before = Bench.Account(name: "main", provider: "postbreeze")
            var after = Bench.Account(name: "main", provider: "postbreeze")
            var key = "pb_live_sandbox"
            /// Of the API that `after` speaks with; nil for the bench's own.
            var host: String?

            var testDescription: String { what }

            static func linkedIn(_ lines: [String]) -> Bench.Account {
                Bench.Account(name: "main", provider: "connectsafely", lines: lines)
            }

            static let toAnother = [
                Change(
                    what: "workspace",
                    after: .init(name: "main", provider: "postbreeze", lines: ["workspace_id: w2"])
                ),
                Change(what: "address", host: "localhost"),
                Change(what: "provider", after: linkedIn(["account_id: test"])),
                Change(
                    what: "account",
                    before: linkedIn(["account_id: test"]),
                    after: linkedIn(["account_id: other"])
                ),
                Change(
                    what: "company",
                    before: linkedIn(["account_id: test"]),
                    after: linkedIn(["account_id: test", "company_urn: urn:li:fsd_company:1"])
                ),
                Change(what: "key that is all", before: linkedIn([]), after: linkedIn([]), key: "cs_other"),
                Change(what: "owner", key: "pb_live_other"),
            ]

            static let toNone = [
                Change(what: "key of the same owner", key: "pb_live_second"),
                Change(what: "spelling", host: "127.0.0.1"),
                Change(
                    what: "key of a target that says it all",
                    before: linkedIn(["account_id: test"]),
                    after: linkedIn(["account_id: test"]),
                    key: "cs_other"
                ),
                Change(what: "folder", after: .init(name: "main", provider: "postbreeze", lines: ["folder_id: f2"])),
            ]

            func begin(_ bench: Bench, _ folder: Bench.Folder = .init()) throws {
                try bench.configure([folder], accounts: [before])
            }

            func make(_ bench: Bench, _ folder: Bench.Folder = .init()) throws {
                let addresses = host.map { host in
                    (bench.addresses.postbreeze.replacing("127.0.0.1", with: host), bench.addresses.connectSafely)
                }
                let yaml = bench.yaml([folder], accounts: [after], addresses: addresses)
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                try bench.writeKey(key, of: "main")
            }
        }

        private static func keys(_ configuration: inout SandboxConfiguration) {
            configuration.keys.formUnion(["pb_live_second", "pb_live_other", "cs_other"])
            configuration.owners = ["pb_live_second": "usr_sandbox"]
        }

        @Test(.timeLimit(.minutes(5)), arguments: Change.toAnother)
        func `the files of a folder go up to another account under the old name, and a copy gets its id`(change: Change)
            async throws
        {
            try await withBench(sandbox: Self.keys) { bench in
                try change.begin(bench)
                try bench.write(Media.pdf(), to: "inbox/a.pdf")
                try await bench.sync()
                let old = try #require(bench.page.assets.first)

                try change.make(bench)
                try bench.write(Media.pdf(), to: "inbox/b.pdf")
                try await bench.sync()

                let complete = bench.page.assets.filter(\.isComplete)
                #expect(complete.count == 2, "\(bench.page.assets)")
                let new = try #require(complete.last)
                #expect(new.id != old.id)
                let manifest = try #require(try bench.manifest())
                for name in ["inbox/a.pdf", "inbox/b.pdf"] {
                    #expect(manifest.entries[bench.path(name).string]?.id == new.id, "\(name)")
                }
                let before = bench.page.calls.count
                try await bench.sync()
                #expect(bench.page.calls.count == before, "once is enough")
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [Change(what: "owner", key: "pb_live_other"), Change(what: "none")])
        func `after a repair no file leaves for what an account has by its name alone`(change: Change) async throws {
            try await withBench(sandbox: Self.keys) { bench in
                try change.begin(bench)
                try bench.write(Media.pdf(), to: "inbox/a.pdf")
                try await bench.sync()
                for suffix in ["", "-wal", "-shm"] {
                    _ = unlink(bench.ledgerFile.string + suffix)
                }
                #expect(try await bench.run("check", "--repair").code == 0)

                try change.make(bench, .init(lines: ["after_upload: delete"]))
                try bench.write(Media.pdf(), to: "inbox/b.pdf")
                try bench.write(Media.pdf(2), to: "inbox/new.pdf")
                try await bench.sync()

                #expect(bench.exists("inbox/a.pdf") && bench.exists("inbox/b.pdf"))
                #expect(!bench.exists("inbox/new.pdf"), "what goes up by itself leaves")
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: Change.toNone)
        func `nothing goes up again to the same account`(change: Change) async throws {
            try await withBench(sandbox: Self.keys) { bench in
                try change.begin(bench)
                try bench.write(Media.pdf(), to: "inbox/a.pdf")
                try await bench.sync()

                try change.make(bench)
                try await bench.sync()
                #expect(bench.page.assets.count == 1, "nothing is asked for what is up")
                try bench.write(Media.pdf(), to: "inbox/b.pdf")
                try await bench.sync()

                let complete = bench.page.assets.filter(\.isComplete)
                #expect(complete.count == 1, "\(bench.page.assets)")
                let manifest = try #require(try bench.manifest())
                #expect(manifest.entries.count == 2 && Set(manifest.entries.values.map(\.id)).count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a new key's own files go up, and those of another owner only once that has shown`() async throws {
            try await withBench(sandbox: Self.keys) { bench in
                try bench.write(Media.pdf(), to: "inbox/a.pdf")
                try await bench.sync()

                try bench.writeKey("pb_live_other", of: "main")
                try await bench.sync()

                #expect(bench.page.assets.count == 1)
                try bench.write(Media.pdf(2), to: "inbox/b.pdf")
                try await bench.sync()
                #expect(bench.page.assets.map(\.key) == ["pb_live_sandbox", "pb_live_other", "pb_live_other"])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a copy of a known file is not deleted before it is up at the account of today`() async throws {
            let folder = Bench.Folder(lines: ["after_upload: delete"])
            let change = Change(what: "address", host: "localhost")
            try await withBench([folder], sandbox: Self.keys) { bench in
                try change.begin(bench, folder)
                try bench.write(Media.pdf(), to: "inbox/a.pdf")
                try await bench.sync()
                #expect(!bench.exists("inbox/a.pdf"))

                try change.make(bench, folder)
                try bench.write(Media.pdf(), to: "inbox/b.pdf")
                try await bench.sync()

                #expect(!bench.exists("inbox/b.pdf"))
                let assets = bench.page.assets
                #expect(assets.count == 2 && assets.allSatisfy(\.isComplete))
                #expect(try bench.manifest()?.entries[bench.path("inbox/b.pdf").string]?.id == assets.last?.id)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that is pushed through another account goes up to it, and its id is printed`() async throws {
            try await withBench { bench in
                let path = try bench.write(Media.pdf(), to: "outside.pdf")

                let first = try await bench.run("push", "--account", "main", path.string)
                let second = try await bench.run("push", "--account", "linkedin", path.string)

                #expect(first.output.hasPrefix("med_") && second.output.hasPrefix("urn:li:"), "\(first) \(second)")
                #expect(bench.page.assets.count == 2)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a reload tells once, with the number of files, that an account is another one`() async throws {
            let change = Change(what: "address", host: "localhost")
            try await withBench(sandbox: Self.keys) { bench in
                try change.begin(bench)
                for number in 0..<3 { try bench.write(Media.pdf(number), to: "inbox/\(number).pdf") }
                let end = try await bench.withDaemon { daemon in
                    try await bench.waitForManifest("all files") { $0.entries.count == 3 }
                    let before = Set(try #require(try bench.manifest()).entries.values.compactMap(\.id))

                    try change.make(bench)
                    try daemon.send(SIGHUP)

                    try await bench.waitForManifest("new ids") { manifest in
                        before.isDisjoint(with: manifest.entries.values.compactMap(\.id))
                    }
                }
                let log = String(decoding: try bench.read(bench.path("daemon.log")), as: UTF8.self)
                let lines = log.split(separator: "\n").filter { $0.contains("another one than before") }
                #expect(lines.count == 1 && lines.first?.contains("files=3") == true, "\(lines) \(end)")
                #expect(bench.page.assets.count == 6)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `check says beforehand how many files go up to another account, and changes nothing`() async throws {
            let change = Change(what: "address", host: "localhost")
            try await withBench(sandbox: Self.keys) { bench in
                try change.begin(bench)
                for number in 0..<3 { try bench.write(Media.pdf(number), to: "inbox/\(number).pdf") }
                try await bench.sync()
                let before = try await bench.run("check")

                try change.make(bench)
                let after = try await bench.run("check")
                let again = try await bench.run("check")
                try await bench.sync()
                let done = try await bench.run("check")

                let line =
                    "ok  account main: it is another one than before: the files in its folders go up to it, 3 of them"
                #expect(after.code == 0 && after.lines.contains(line), "\(after)")
                // The clock, the free space and the watches of other programs are the machine's, and change meanwhile.
                let ofMachine = ["clock", "space", "inotify"].map { "ok  \($0): " }
                let asked = [after, again].map { check in
                    check.lines.filter { line in !ofMachine.contains(where: line.hasPrefix) }
                }
                #expect(asked[0].count == after.lines.count - ofMachine.count && asked[0] == asked[1], "\(asked)")
                for quiet in [before, done] { #expect(!quiet.output.contains("another one"), "\(quiet)") }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `an asset that is being processed is not asked for through another account's key`() async throws {
            let processing: (inout SandboxConfiguration) -> Void = { configuration in
                Self.keys(&configuration)
                configuration.weather.normaliseImagesFor = .seconds(3600)
            }
            try await withBench(sandbox: processing) { bench in
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                try await bench.sync()
                let old = try #require(bench.page.assets.first?.id)

                try bench.writeKey("pb_live_other", of: "main")
                try bench.write(Media.jpeg(2), to: "inbox/b.jpg")
                try await bench.withDaemon { daemon in
                    try await bench.waitForEntry("inbox/b.jpg")
                    try await daemon.waitForLog("another one than before")
                    try await wait(for: "looks at the new assets") {
                        Set(looks(bench).filter { $0.key == "pb_live_other" }.compactMap(\.asset)).count == 2
                    }
                }

                #expect(!looks(bench).contains { $0.key == "pb_live_other" && $0.asset == old })
            }
        }

        private func looks(_ bench: Bench) -> [SandboxPage.Call] {
            bench.page.calls.filter { $0.route == "GET /media/{id}" }
        }
    }
}
