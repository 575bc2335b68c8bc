import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// The script that reads the journal by cron, as it stands in the documentation.
    struct PollRecipeTests {
        @Test(.timeLimit(.minutes(5)))
        func `what is new is posted once, whatever became of the journal and the files meanwhile`() async throws {
            try await withRecipes { bench in
                try await bench.withDaemon { _ in
                    try bench.write(Media.jpeg(), to: "inbox/old.jpg")
                    try await bench.waitForEntry("inbox/old.jpg") { $0.status == "ready" }
                    #expect(try await bench.poll() == 0)
                    #expect(bench.page.posts.isEmpty, "the first run posts nothing")

                    try bench.write(Array("A caption\n".utf8), to: "inbox/ä.jpg.txt")
                    let names = ["inbox/ä.jpg", "inbox/100%25.jpg", "talks/plan.pdf"]
                    try bench.write(Media.jpeg(1), to: names[0])
                    try bench.write(Media.jpeg(2), to: names[1])
                    try await bench.waitForEntry(names[0])
                    // Processing: it is not posted, and not forgotten.
                    #expect(try await bench.poll() == 0)
                    try bench.write(Media.pdf(), to: names[2])
                    var entries: [Manifest.Entry] = []
                    for name in names {
                        entries.append(try await bench.waitForEntry(name, encoded: name.contains("%")))
                    }
                    try await bench.waitForJournal { lines in Set(lines.filter { $0.contains("\"ready\"") }).count >= 4
                    }
                    async let one = bench.poll()
                    async let other = bench.poll()
                    let codes = try await [one, other]
                    #expect(codes == [0, 0])
                    #expect(try await bench.poll() == 0)
                    #expect(
                        entries.map { bench.posts(of: $0).map(\.text) } == [
                            ["A caption"], ["100%25.jpg"], ["plan.pdf"],
                        ]
                    )

                    // A file that moves is no news, one that was replaced is.
                    try bench.move(names[0], to: "inbox/moved.jpg")
                    try bench.write(Media.jpeg(3), to: names[1])
                    try bench.remove("inbox/old.jpg")
                    try await bench.waitForJournal { lines in
                        lines.contains { $0.contains(Media.sha256(Media.jpeg(3))) && $0.contains("\"ready\"") }
                            && lines.contains { $0.contains("\"renamed\"") }
                            && lines.contains { $0.contains("\"removed\"") }
                    }
                    #expect(try await bench.poll() == 0)
                    #expect(bench.page.posts.count == 4)

                    // The line that was read last is not in the journal any more.
                    try bench.write(Array(#"{"revision":1000000}"#.utf8), to: "posted/mark")
                    #expect(try await bench.poll() == 0)
                    #expect(bench.page.posts.count == 4)
                    #expect(bench.postStatuses.filter { $0 >= 400 } == [])
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a crash between post and record, or a lost answer, leads to no second post and is told`() async throws {
            try await withRecipes { bench in
                try await bench.withDaemon { _ in
                    #expect(try await bench.poll() == 0)
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    let first = try await bench.waitForEntry("inbox/a.jpg") { $0.status == "ready" }
                    bench.sandbox.weather.latency = .seconds(2)
                    try await withProcess(
                        [bench.path("bin/poll.py").string],
                        environment: bench.recipeSettings,
                        logFile: bench.path("poll.log")
                    ) { process in
                        try await wait(for: "the intent") {
                            (try? String(contentsOfFile: bench.path("posted/posted.ndjson").string, encoding: .utf8))?
                                .contains("asked") == true
                        }
                        // The request is on its way now; the sandbox answers after two seconds.
                        try await Task.sleep(for: .milliseconds(700))
                        try process.send(SIGKILL)
                    }
                    try await wait(for: "the post") { bench.posts(of: first).count == 1 }
                    bench.sandbox.weather.latency = .zero

                    let asset = "postbreeze \(first.mediaId ?? "")"
                    let told = try await bench.recipe([bench.path("bin/poll.py").string])
                    #expect(told.code == 70 && told.error.contains(asset), "\(told)")
                    // It holds up no other, and stays told.
                    try bench.write(Media.jpeg(2), to: "inbox/b.jpg")
                    let second = try await bench.waitForEntry("inbox/b.jpg") { $0.status == "ready" }
                    #expect(try await bench.poll() == 70)
                    #expect(bench.posts(of: second).count == 1)
                    #expect(try await bench.poll("--posted", asset) == 0)
                    #expect(try await bench.poll() == 0)
                    #expect(bench.posts(of: first).count == 1)

                    bench.sandbox.prepare([.init(to: "POST /posts", .reset)])
                    try bench.write(Media.jpeg(3), to: "inbox/c.jpg")
                    let third = try await bench.waitForEntry("inbox/c.jpg") { $0.status == "ready" }
                    #expect(try await bench.poll() == 70)
                    #expect(try await bench.poll() == 70)
                    #expect(bench.posts(of: third).isEmpty)
                    #expect(try await bench.poll("--again", "postbreeze \(third.mediaId ?? "")") == 0)
                    #expect(try await bench.poll() == 0)
                    #expect(bench.posts(of: third).count == 1)
                    #expect(bench.page.posts.count == 3)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `one that is refused holds up no other, and what cannot be sent now comes with the next run`() async throws
        {
            try await withRecipes { bench in
                try await bench.withDaemon { _ in
                    #expect(try await bench.poll() == 0)
                    let words = #"{"statusCode": 422, "code": "CAPTION", "message": "no", "requestId": "r"}"#
                    bench.sandbox.prepare([.init(to: "POST /posts", .given(status: 422, body: Array(words.utf8)))])
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                    let first = try await bench.waitForEntry("inbox/a.jpg") { $0.status == "ready" }
                    try bench.write(Media.jpeg(2), to: "inbox/b.jpg")
                    let second = try await bench.waitForEntry("inbox/b.jpg") { $0.status == "ready" }
                    let unsent = try await ClosedPort.run { url in
                        try await bench.recipe([bench.path("bin/poll.py").string], ["POSTBREEZE_URL": url])
                    }
                    #expect(unsent.code == 75, "\(unsent)")

                    let refused = try await bench.recipe([bench.path("bin/poll.py").string])
                    #expect(refused.code == 65 && refused.error.contains("CAPTION"), "\(refused)")
                    #expect(bench.posts(of: first).isEmpty)
                    #expect(bench.posts(of: second).count == 1)
                    #expect(try await bench.poll() == 0)

                    #expect(try await bench.poll("--again", "postbreeze \(first.mediaId ?? "")") == 0)
                    #expect(try await bench.poll() == 0)
                    #expect(bench.posts(of: first).count == 1)
                    #expect(bench.page.posts.count == 2)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a text that is a link or a pipe is not read, and names the asset; other assets are posted`() async throws
        {
            try await withRecipes { bench in
                try await bench.withDaemon { _ in
                    #expect(try await bench.poll() == 0)
                    #expect(symlink(bench.path("main.key").string, bench.path("inbox/a.jpg.txt").string) == 0)
                    #expect(mkfifo(bench.path("inbox/b.jpg.txt").string, 0o600) == 0)
                    var entries: [Manifest.Entry] = []
                    for (number, name) in ["inbox/a.jpg", "inbox/b.jpg", "inbox/c.jpg"].enumerated() {
                        try bench.write(Media.jpeg(number), to: name)
                        entries.append(try await bench.waitForEntry(name) { $0.status == "ready" })
                    }

                    let refused = try await bench.recipe([bench.path("bin/poll.py").string])
                    #expect(refused.code == 65, "\(refused)")
                    for name in ["a.jpg.txt", "b.jpg.txt"] {
                        #expect(refused.error.contains("\(name) cannot be read"), "\(refused)")
                    }
                    #expect(bench.page.posts.map(\.text) == ["c.jpg"])

                    try bench.remove("inbox/b.jpg.txt")
                    try bench.write(Array("A caption\n".utf8), to: "inbox/b.jpg.txt")
                    #expect(try await bench.poll("--again", "postbreeze \(entries[1].mediaId ?? "")") == 0)
                    #expect(try await bench.poll() == 0)
                    #expect(bench.posts(of: entries[1]).map(\.text) == ["A caption"])
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a refused key holds up its provider alone, and what is lost meanwhile is named`() async throws {
            try await withRecipes { bench in
                try await bench.withDaemon { _ in
                    #expect(try await bench.poll() == 0)
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                    let first = try await bench.waitForEntry("inbox/a.jpg") { $0.status == "ready" }
                    try bench.write(Media.jpeg(2), to: "inbox/b.jpg")
                    let second = try await bench.waitForEntry("inbox/b.jpg") { $0.status == "ready" }
                    try bench.write(Media.jpeg(3), to: "talks/c.jpg")
                    try await bench.waitForEntry("talks/c.jpg") { $0.status == "ready" }
                    try await bench.waitForJournal { $0.count { $0.contains("\"ready\"") } >= 3 }
                    try bench.writeKey("pb_live_wrong", of: "other")
                    let wrong: [Environment.Key: String?] = ["POSTBREEZE_KEY_FILE": "\(bench.root)/other.key"]

                    for _ in 0..<2 {
                        let refused = try await bench.recipe([bench.path("bin/poll.py").string], wrong)
                        #expect(refused.code == 75 && refused.error.contains("401"), "\(refused)")
                        #expect(bench.page.posts.map(\.text) == ["c.jpg"])
                    }

                    // Meanwhile one file gets another name, and one turns into something that cannot go up.
                    try bench.write(Array("Its text".utf8), to: "inbox/Final.jpg.txt")
                    try bench.move("inbox/a.jpg", to: "inbox/Final.jpg")
                    try bench.write(Array("text".utf8), to: "inbox/b.jpg")
                    try await bench.waitForJournal { lines in
                        lines.contains { $0.contains("\"renamed\"") } && lines.contains { $0.contains("\"rejected\"") }
                    }
                    let mended = try await bench.recipe([bench.path("bin/poll.py").string])
                    #expect(mended.code == 0 && mended.error.contains(second.mediaId ?? "no id"), "\(mended)")
                    #expect(bench.posts(of: first).map(\.text) == ["Its text"])
                    #expect(bench.page.posts.count == 2)
                    let quiet = try await bench.recipe([bench.path("bin/poll.py").string])
                    #expect(quiet.code == 0 && quiet.error.isEmpty, "\(quiet)")
                }
            }
        }
    }
}

extension Bench {
    /// Runs `poll.py` once. Returns its exit code.
    fileprivate func poll(_ words: String...) async throws -> Int32? {
        try await recipe([path("bin/poll.py").string] + words).code
    }

    /// As ``waitForEntry(_:where:)``, for a name that the manifest may write percent-encoded.
    fileprivate func waitForEntry(_ name: String, encoded: Bool) async throws -> Manifest.Entry {
        let key = encoded ? path(name).string.replacing("%", with: "%25") : path(name).string
        let manifest = try await waitForManifest("an entry for \(name)") { $0.entries[key]?.status == "ready" }
        return try #require(manifest.entries[key])
    }

    /// Waits until the journal's lines fulfil `condition`.
    fileprivate func waitForJournal(_ condition: ([Substring]) -> Bool) async throws {
        try await wait(for: "lines of the journal") {
            condition(String(decoding: try read(journalFile), as: UTF8.self).split(separator: "\n"))
        } state: {
            (try? String(contentsOfFile: journalFile.string, encoding: .utf8)) ?? ""
        }
    }
}
