import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// The hook that posts, as it stands in the documentation.
    struct OnReadyRecipeTests {
        @Test(.timeLimit(.minutes(5)))
        func `each asset is posted once when it is ready, with the text beside it, over a kill of the service`()
            async throws
        {
            try await withRecipes { bench in
                try bench.configureHook()
                let names = (0..<6).map { "inbox/\($0).jpg" }
                try bench.write(Array("What a day\n".utf8), to: "inbox/0.jpg.txt")
                for (number, name) in names.enumerated() { try bench.write(Media.jpeg(number), to: name) }
                try await withProcess(
                    bench.runCommand(),
                    environment: ["HOME": bench.root.string],
                    logFile: bench.path("daemon.log")
                ) { daemon in
                    try await wait(for: "the first posts") {
                        bench.page.posts.count > 1
                    } state: {
                        daemon.log
                    }
                    try daemon.send(SIGKILL)
                }
                try await bench.withDaemon { daemon in
                    // The kill left calls running. They come to their end, and their events are called for again.
                    try await wait(for: "a post of each") {
                        let records = try bench.records()
                        return records.count == names.count && records.allSatisfy { $0.post != nil }
                    } state: {
                        daemon.log.suffix(4000).description
                    }
                    for name in names { try await bench.waitForEntry(name) { $0.status == "ready" } }
                }

                let manifest = try #require(try bench.manifest())
                let ids = manifest.entries.values.compactMap(\.id)
                #expect(ids.count == names.count)
                #expect(bench.page.posts.flatMap(\.assets).sorted() == ids.sorted())
                #expect(bench.postStatuses.allSatisfy { $0 == 201 }, "a post came too early: \(bench.postStatuses)")
                let first = try #require(manifest.entries[bench.path(names[0]).string])
                #expect(bench.posts(of: first).map(\.text) == ["What a day"])
                let second = try #require(manifest.entries[bench.path(names[1]).string])
                #expect(bench.posts(of: second).map(\.text) == ["1.jpg"])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a lost answer is told and not posted again, and a refused post is tried again`() async throws {
            try await withRecipes { bench in
                try bench.configureHook()
                try await bench.withDaemon { daemon in
                    let refusal = #"{"statusCode": 429, "code": "RATE", "message": "slow"}"#
                    bench.sandbox.prepare([
                        .init(to: "POST /posts", .given(status: 429, body: Array(refusal.utf8))),
                        .init(to: "POST /posts", .reset, isCarriedOut: true),
                    ])
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    try await daemon.waitForLog("hook fails, its events wait") { $0.contains("has no known end") }

                    let entry = try await bench.waitForEntry("inbox/a.jpg")
                    #expect(bench.posts(of: entry).count == 1)
                    #expect(bench.page.calls.count { $0.route == "POST /posts" } == 2)
                    let record = try #require(try bench.records().first)
                    #expect(record.asset == entry.mediaId && record.post == nil)

                    // What the recipe tells a person to do.
                    try bench.write(Array("post_found\n".utf8), to: "posted/\(record.name)/post")
                    try await bench.waitForStep("post: done", of: "inbox/a.jpg")
                    #expect(bench.posts(of: entry).count == 1)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a text behind a link is not read, leaves no record, and is posted once a file has come in its place`()
            async throws
        {
            try await withRecipes { bench in
                try bench.configureHook()
                #expect(symlink(bench.path("main.key").string, bench.path("inbox/a.jpg.txt").string) == 0)
                try await bench.withDaemon { daemon in
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    try await daemon.waitForLog("hook fails, its events wait") {
                        $0.contains("a.jpg.txt cannot be read")
                    }

                    #expect(bench.page.posts.isEmpty)
                    #expect(try bench.records().isEmpty)
                    try bench.remove("inbox/a.jpg.txt")
                    try bench.write(Array("What a day\n".utf8), to: "inbox/a.jpg.txt")
                    try await bench.waitForStep("post: done", of: "inbox/a.jpg")
                    #expect(bench.page.posts.map(\.text) == ["What a day"])
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a killed post.sh leaves a record, and the asset is not posted again`() async throws {
            try await withRecipes { bench in
                try bench.configureHook()
                try bench.move("bin/post.sh", to: "bin/whole.sh")
                let script = "#!/bin/sh\n'\(bench.root)/bin/whole.sh' \"$@\"\nkill -9 $$\n"
                try bench.write(Array(script.utf8), to: "bin/post.sh", permissions: [.ownerReadWriteExecute])
                try await bench.withDaemon { daemon in
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    try await daemon.waitForLog("hook fails, its events wait") { $0.contains("has no known end") }

                    let entry = try await bench.waitForEntry("inbox/a.jpg")
                    #expect(bench.posts(of: entry).count == 1)
                    let record = try #require(try bench.records().first)
                    #expect(record.asset == entry.mediaId && record.post == nil)
                }
            }
        }
    }
}

extension Bench {
    /// A record that `on-ready.sh` keeps of an asset.
    fileprivate struct Record {
        let name: String
        let asset: String
        let post: String?
    }

    fileprivate func records() throws -> [Record] {
        guard exists("posted") else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: path("posted").string).compactMap { name in
            func text(_ file: String) -> String? {
                let text = try? String(contentsOfFile: path("posted/\(name)/\(file)").string, encoding: .utf8)
                return text?.split(separator: "\n").first.map(String.init)
            }
            return text("asset").map { Record(name: name, asset: $0, post: text("post")) }
        }
    }

    /// Makes `on-ready.sh` the hook of all folders, with its settings in a file, as a hook gets few variables.
    fileprivate func configureHook() throws {
        let settings = recipeSettings.compactMap { name, value in
            value.map { "\(name)='\($0)'" }
        }
        try write(Array(settings.joined(separator: "\n").utf8), to: "post.env")
        let words = ["/usr/bin/env", "POSTED=\(root)/posted", "SETTINGS=\(root)/post.env", "\(root)/bin/on-ready.sh"]
        try configure(
            [.init(settle: "100ms", lines: [#"sidecars: ["*.txt"]"#])],
            hooks: ["on_ready: [{name: post, timeout: 1m, run: [\(words.joined(separator: ", "))]}]"]
        )
    }

    /// Waits until `why` tells a step of a file.
    fileprivate func waitForStep(_ text: String, of name: String) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(40))
        while true {
            let why = try await run("why", path(name).string)
            if why.output.contains(text) { return }
            guard ContinuousClock.now < deadline else { throw NotReached(what: text, state: "\(why)") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
