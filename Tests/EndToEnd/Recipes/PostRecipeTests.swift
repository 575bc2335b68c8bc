import Foundation
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// The recipes that wait for a file and post it, each in its language, as they stand in the documentation.
    struct PostRecipeTests {
        /// One of the scripts.
        enum Script: String, CaseIterable, CustomTestStringConvertible {
            case shell = "post.sh"
            case python = "post.py"
            case node = "post.mjs"

            var testDescription: String { rawValue }

            func words(_ bench: Bench) -> [String] {
                (self == .node ? ["node"] : []) + [bench.path("bin/\(rawValue)").string]
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: Script.allCases)
        func `from drop to post: each once, with its id, none before it is ready, and no key in sight`(
            script: Script
        ) async throws {
            try await withRecipes { bench in
                try await bench.withDaemon { _ in
                    bench.sandbox.weather.latency = .milliseconds(200)
                    let words = script.words(bench)
                    let text = #"It's "done": 100 % of ä & $HOME \n"#
                    let when = Date(timeIntervalSince1970: (Date.now.timeIntervalSince1970 + 3600).rounded())
                    let jpeg = try bench.write(Media.jpeg(), to: "inbox/a.jpg").string
                    async let posting = bench.recipe(words + [jpeg, text, when.formatted(.iso8601)])
                    let isShown = try await Self.isKeyShown(while: { bench.postStatuses.isEmpty })
                    let first = try await posting

                    #expect(first.code == 0, "\(first)")
                    #expect(!isShown, "the key was in some process's arguments")
                    let entry = try await bench.waitForEntry("inbox/a.jpg")
                    let post = try #require(bench.page.posts.first)
                    #expect(first.lines == [post.id])
                    #expect(post.assets == [entry.mediaId])
                    #expect(post.text == text)
                    #expect(post.accounts == ["soc_1"])
                    #expect(post.scheduledFor == when)

                    let draft = try await bench.recipe(words + [jpeg, "Once more"])
                    #expect(draft.code == 0, "\(draft)")
                    let pdf = try bench.write(Media.pdf(), to: "talks/plan.pdf").string
                    let document = try await bench.recipe(words + [pdf, "Our plan"])
                    #expect(document.code == 0, "\(document)")
                    let mp4 = try bench.write(Media.mp4(bytes: 5 << 20), to: "talks/talk.mp4").string
                    let video = try await bench.recipe(words + [mp4, "Our talk"])
                    #expect(video.code == 0, "\(video)")

                    #expect(bench.page.posts.map(\.text) == [text, "Once more", "Our plan", "Our talk"])
                    #expect(bench.page.posts[1].scheduledFor == nil)
                    #expect(bench.page.posts[2].title == "Our plan")
                    #expect(bench.page.posts[2].accounts == ["test"])
                    #expect(document.lines == [bench.page.posts[2].id])
                    // None was refused: no script asked before its asset was ready.
                    #expect(bench.postStatuses == [201, 201, 200, 200])
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: Script.allCases)
        func `each exit code says whether there is a post`(script: Script) async throws {
            try await withRecipes { bench in
                try await bench.withDaemon { _ in
                    let jpeg = try bench.write(Media.jpeg(), to: "inbox/a.jpg").string
                    let talk = try bench.write(Media.jpeg(2), to: "talks/b.jpg").string
                    func run(
                        _ code: Int32,
                        _ what: String,
                        _ file: String = jpeg,
                        _ more: [Environment.Key: String?] = [:],
                        when: [String] = []
                    ) async throws {
                        let ending = try await bench.recipe(script.words(bench) + [file, "Text"] + when, more)
                        #expect(
                            ending.code == code && !ending.error.isEmpty && ending.output.isEmpty,
                            "\(what): \(ending)"
                        )
                    }
                    func answer(_ route: String, _ status: Int, _ body: String) {
                        bench.sandbox.prepare([.init(to: route, .given(status: status, body: Array(body.utf8)))])
                    }

                    try await run(64, "nobody to post", jpeg, ["POSTBREEZE_ACCOUNT": ""])
                    try await run(64, "no time at ConnectSafely", talk, when: ["2030-01-01T00:00:00Z"])
                    try await ClosedPort.run { url in
                        try await run(75, "nobody listens", jpeg, ["POSTBREEZE_URL": url])
                    }
                    try await run(64, "no key", jpeg, ["POSTBREEZE_KEY_FILE": "\(bench.root)/missing.key"])
                    try bench.writeKey("pb_live_wrong\nhidden_secret", of: "other")
                    let twoLines = try await bench.recipe(
                        script.words(bench) + [jpeg, "Text"],
                        ["POSTBREEZE_KEY_FILE": "\(bench.root)/other.key"]
                    )
                    #expect(twoLines.code == 64 && !"\(twoLines)".contains("hidden_secret"), "a key of two lines")
                    #expect(bench.postStatuses.isEmpty)

                    try bench.writeKey("pb_live_wrong", of: "other")
                    try await run(75, "a wrong key", jpeg, ["POSTBREEZE_KEY_FILE": "\(bench.root)/other.key"])
                    try await run(65, "a time that is over", when: ["2020-01-01T00:00:00Z"])
                    try await run(65, "a company's post", talk, ["CONNECTSAFELY_COMPANY": "urn:li:fsd_company:1"])
                    answer("POST /posts/create", 200, #"{"success": false, "code": "X", "message": "no"}"#)
                    try await run(65, "failure under a 200", talk)
                    answer("POST /posts", 429, "{}")
                    try await run(75, "too many calls")
                    answer("POST /posts", 503, "{}")
                    try await run(70, "a gateway's failure")
                    answer("POST /posts", 200, "<html>Log in</html>")
                    try await run(70, "a portal")
                    answer("POST /posts", 307, "{}")
                    try await run(70, "a redirect")
                    #expect(bench.page.posts.isEmpty)

                    bench.sandbox.weather.loseAnswerEveryNthCall = 1
                    try await run(70, "a lost answer")
                    #expect(bench.page.posts.count == 1)

                    let notes = try bench.write(Array("text".utf8), to: "talks/notes.txt").string
                    try await run(65, "a rejected file", notes)
                    try await run(65, "a file of no folder", bench.path("elsewhere.jpg").string)
                }
            }
        }

        /// Whether a process has the key among its arguments, at any look while `condition` holds.
        private static func isKeyShown(while condition: () -> Bool) async throws -> Bool {
            var looks = 0
            let deadline = ContinuousClock.now.advanced(by: .seconds(40))
            while condition(), ContinuousClock.now < deadline {
                for process in try FileManager.default.contentsOfDirectory(atPath: "/proc") where Int(process) != nil {
                    let file = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
                    if String(decoding: file, as: UTF8.self).contains(Bench.recipeKey) { return true }
                }
                looks += 1
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(looks > 10, "the processes were hardly looked at")
            return false
        }
    }
}
