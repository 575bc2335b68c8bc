import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `outtray push`.
    struct PushTests {
        @Test(.timeLimit(.minutes(5)))
        func `a file of a watched folder goes through its account, and its id is printed`() async throws {
            try await withBench([.init(account: "linkedin")]) { bench in
                let path = try bench.write(Media.pdf(), to: "inbox/a.pdf")

                let ending = try await bench.run("push", path.string)

                #expect(ending.code == 0, "\(ending)")
                let asset = try #require(bench.page.assets.first)
                #expect(ending.output == "\(asset.id)\t\(path)\n")
                #expect(asset.provider == .connectsafely)
                try bench.expectUploadedOnce("inbox/a.pdf", Media.pdf(), kind: "DOCUMENT")
                #expect(try bench.manifest()?.entries[path.string]?.folder == "inbox")
            }
        }

        /// Each name, and part of the reason.
        private static let excluded = [
            (".hidden.jpg", "passes over the name .hidden.jpg"), (".dir/a.jpg", "passes over the name .dir"),
            ("a.draft.jpg", "passes over the name a.draft.jpg"), ("b.jpg.part", "passes over the name b.jpg.part"),
        ]

        @Test(.timeLimit(.minutes(5)), arguments: [false, true])
        func `a file that its folder passes over is rejected, with the service and without`(
            isRunning: Bool
        ) async throws {
            let flat = Bench.Folder(name: "flat", lines: ["recursive: false"])
            try await withBench([.init(lines: ["ignore: [\"*.draft.*\"]"]), flat]) { bench in
                try bench.makeDirectory("inbox/.dir")
                try bench.makeDirectory("flat/sub")
                let cases =
                    Self.excluded.map { ("inbox/\($0)", $1) }
                    + [("flat/sub/c.jpg", "does not watch subdirectories"), ("inbox/.none.jpg", "no such file")]
                for (name, _) in cases.dropLast() { try bench.write(Media.jpeg(), to: name) }
                let push = {
                    for (name, words) in cases {
                        let ending = try await bench.run("push", bench.path(name).string)
                        #expect(ending.code == 65 && ending.error.contains(words), "\(name): \(ending)")
                    }
                }

                if isRunning { try await bench.withDaemon { _ in try await push() } } else { try await push() }

                #expect(bench.page.calls.isEmpty)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `files from elsewhere go through the account that is named, in the order they were named`() async throws {
            try await withBench { bench in
                let paths = try (0..<3).map { try bench.write(Media.jpeg($0), to: "outside-\($0).jpg").string }

                let ending = try await bench.run("push", "--account", "linkedin", paths[2], paths[0], paths[1])

                #expect(ending.code == 0, "\(ending)")
                #expect(
                    ending.lines.map { $0.split(separator: "\t").last.map(String.init) } == [
                        paths[2], paths[0], paths[1],
                    ]
                )
                #expect(ending.lines.allSatisfy { $0.hasPrefix("urn:li:") })
                let manifest = try #require(try bench.manifest())
                #expect(manifest.entries.keys.sorted() == paths)
                #expect(manifest.entries.values.allSatisfy { $0.folder == nil && $0.account == "linkedin" })
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file from elsewhere without an account is wrong usage where there are two`() async throws {
            try await withBench { bench in
                let path = try bench.write(Media.jpeg(), to: "outside.jpg")

                let ending = try await bench.run("push", path.string)
                let unknown = try await bench.run("push", "--account", "nobody", path.string)

                #expect(ending.code == 64, "\(ending)")
                #expect(ending.error.contains("--account") && ending.error.contains("main, linkedin"))
                #expect(unknown.code == 64, "\(unknown)")
                #expect(bench.page.calls.isEmpty)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `JSON is the manifest's entry with its path`() async throws {
            try await withBench { bench in
                let path = try bench.write(Media.jpeg(), to: "inbox/a.jpg")

                let ending = try await bench.run("push", "--json", path.string)

                #expect(ending.code == 0, "\(ending)")
                let object = try JSONTree(parsing: Array(ending.output.utf8))
                let entry = try #require(try bench.manifest()?.entries[path.string])
                #expect(object["path"] == .string(path.string))
                #expect(object["mediaId"]?.string == entry.mediaId)
                #expect(object["sha256"] == .string(entry.sha256))
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["recording.mkv", "nothing.jpg"])
        func `a file that cannot go up gives 65 with the reason, and the other one goes up`(name: String) async throws {
            try await withBench { bench in
                // The second one is not there.
                if name == "recording.mkv" { try bench.write(Media.sample(name), to: "inbox/\(name)") }
                let good = try bench.write(Media.jpeg(), to: "inbox/good.jpg")

                let ending = try await bench.run("push", bench.path("inbox/\(name)").string, good.string)

                #expect(ending.code == 65, "\(ending)")
                #expect(ending.error.contains(name == "recording.mkv" ? "Matroska" : "no such file"), "\(ending)")
                try bench.expectUploadedOnce("inbox/good.jpg", Media.jpeg(), kind: "IMAGE")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that the API refuses gives 65 with the API's own words`() async throws {
            try await withBench(sandbox: { $0.postbreezeCaps[.document] = 100 }) { bench in
                let path = try bench.write(Media.pdf(), to: "inbox/a.pdf")

                let ending = try await bench.run("push", path.string)

                #expect(ending.code == 65, "\(ending)")
                #expect(try bench.manifest()?.rejected[path.string]?.code == "refused-by-provider")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a pushed file that is known already costs no call`() async throws {
            try await withBench { bench in
                // Nobody processes it, so that nobody has to ask how far it is.
                let path = try bench.write(Media.pdf(), to: "inbox/a.pdf")
                let first = try await bench.run("push", path.string)
                let calls = bench.page.calls.count

                let second = try await bench.run("push", path.string)

                #expect(second.code == 0, "\(second)")
                #expect(second.output == first.output)
                #expect(bench.page.calls.count == calls)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `beside a service that does not know the account it ends with 75, and a reload lets the file up`()
            async throws
        {
            try await withBench { bench in
                try await bench.withDaemon { daemon in
                    let path = try bench.write(Media.jpeg(), to: "outside.jpg")
                    try bench.writeKey("pb_live_sandbox", of: "new")
                    let accounts = Bench.Account.usual + [Bench.Account(name: "new", provider: "postbreeze")]
                    try bench.configure([.init()], accounts: accounts)

                    let ending = try await bench.run("push", "--account", "new", path.string)

                    #expect(ending.code == 75, "\(ending)")
                    #expect(ending.error.contains("account new is not in the configuration"), "\(ending)")
                    #expect(bench.page.calls.isEmpty)
                    try daemon.send(SIGHUP)
                    try await bench.waitForEntry("outside.jpg")
                }
                try bench.expectUploadedOnce("outside.jpg", Media.jpeg(), kind: "IMAGE")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `beside a service that does not watch the folder yet it ends with 75, and a reload lets the file up`()
            async throws
        {
            try await withBench { bench in
                try await bench.withDaemon { daemon in
                    try bench.configure([.init(), .init(name: "new")])
                    let path = try bench.write(Media.jpeg(), to: "new/a.jpg")

                    let ending = try await bench.run("push", path.string)

                    #expect(ending.code == 75, "\(ending)")
                    #expect(ending.error.contains("folder new is not watched"), "\(ending)")
                    try daemon.send(SIGHUP)
                    try await bench.waitForEntry("new/a.jpg")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `while the daemon runs, it uploads what is pushed`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { _ in
                    let outside = try bench.write(Media.jpeg(), to: "outside.jpg")
                    let bad = try bench.write(Media.sample("recording.mkv"), to: "bad.mkv")

                    let ending = try await bench.run("push", "--account", "main", outside.string)
                    let rejected = try await bench.run("push", "--account", "main", bad.string)

                    #expect(ending.code == 0, "\(ending)")
                    #expect(ending.output.hasPrefix("med_") && ending.output.hasSuffix("\t\(outside)\n"))
                    #expect(rejected.code == 65, "\(rejected)")
                    try await bench.waitForEntry("outside.jpg")
                }

                try bench.expectUploadedOnce("outside.jpg", Media.jpeg(), kind: "IMAGE")
            }
        }
    }
}
