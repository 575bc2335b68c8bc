import Sandbox
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `.outtrayignore` files, and a folder's `accept`.
    struct IgnoringTests {
        @Test(.timeLimit(.minutes(5)))
        func `what waits and is ignored by now does not go up, and does when it is not any more`() async throws {
            try await withBench([.init(settle: "100ms")]) { bench in
                try bench.writeKey("pb_live_wrong", of: "main")
                try bench.makeDirectory("inbox/sub")
                try bench.write(Media.pdf(1), to: "inbox/a.pdf")
                try bench.write(Media.pdf(2), to: "inbox/sub/draft.pdf")
                let file = bench.path("inbox/.outtrayignore").string
                try await bench.withDaemon { daemon in
                    for name in ["/a.pdf", "draft.pdf"] {
                        try await daemon.waitForLog("file settled") { $0.contains(name) }
                    }
                    try await daemon.waitForLog("account blocked")
                    try bench.write(Array("# not yet\n/sub/draft*\n".utf8), to: "inbox/.outtrayignore")
                    try await daemon.waitForLog("file does not go up any more") { $0.contains("draft.pdf") }

                    try bench.writeKey("pb_live_sandbox", of: "main")
                    #expect(try await bench.run("reload").code == 0)
                    try await bench.waitForEntry("inbox/a.pdf")
                    #expect(bench.page.assets.count == 1)

                    let why = try await bench.run("why", bench.path("inbox/sub/draft.pdf").string)
                    #expect(why.output.contains("the pattern /sub/draft* matches (line 2 of \(file))"), "\(why)")
                    let check = try await bench.run(
                        "check",
                        "--ignored",
                        "--json",
                        bench.path("inbox/sub/draft.pdf").string
                    )
                    guard case .array(let paths)? = try JSONTree(parsing: Array(check.output.utf8))["paths"] else {
                        Issue.record("\(check)")
                        return
                    }
                    let rule = paths.first?["rule"]
                    #expect(rule?["file"]?.string == file && rule?["pattern"]?.string == "/sub/draft*", "\(check)")
                    let push = try await bench.run("push", bench.path("inbox/sub/draft.pdf").string)
                    #expect(push.code == 65 && push.error.contains("/sub/draft*"), "\(push)")

                    try bench.remove("inbox/.outtrayignore")
                    try await bench.waitForEntry("inbox/sub/draft.pdf")
                    #expect(bench.page.assets.count == 2)
                    #expect(try bench.manifest()?.entries.keys.contains { $0.hasSuffix("outtrayignore") } == false)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `files wait while an .outtrayignore cannot be read, and a pass says why`() async throws {
            try await withBench([.init(settle: "100ms")]) { bench in
                try bench.makeDirectory("inbox/sub/.outtrayignore")
                try bench.write(Media.pdf(1), to: "inbox/a.pdf")
                try bench.write(Media.pdf(2), to: "inbox/sub/b.pdf")

                let pass = try await bench.run("sync")
                #expect(pass.code == 75 && pass.error.contains("sub/.outtrayignore"), "\(pass)")
                #expect(bench.page.assets.count == 1)
                let check = try await bench.run("check", "--ignored", bench.path("inbox/sub/b.pdf").string)
                #expect(check.output.contains("no regular file"), "\(check)")

                try bench.move("inbox/sub/.outtrayignore", to: "away")
                let next = try await bench.run("sync")
                #expect(next.code == 0, "\(next)")
                #expect(bench.page.assets.count == 2)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `what is up, has changed and is ignored by now is shown as gone once it has left`() async throws {
            try await withBench([.init(settle: "100ms")]) { bench in
                try bench.write(Media.pdf(1), to: "inbox/a.pdf")
                try await bench.withDaemon { _ in try await bench.waitForEntry("inbox/a.pdf") }
                try bench.writeKey("pb_live_wrong", of: "main")
                try bench.write(Media.pdf(2), to: "inbox/a.pdf")
                try await bench.withDaemon { daemon in
                    try await daemon.waitForLog("file settled")
                    try bench.write(Array("*.pdf".utf8), to: "inbox/.outtrayignore")
                    try await daemon.waitForLog("file does not go up any more")
                }
                #expect(try bench.manifest()?.entries[bench.path("inbox/a.pdf").string]?.present == true)

                // No event tells of it.
                try bench.remove("inbox/a.pdf")
                try await bench.withDaemon { _ in
                    try await bench.waitForManifest("the file's end") { manifest in
                        manifest.entries[bench.path("inbox/a.pdf").string]?.present == false
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a queue of files of which nobody knows whether they are ignored holds up no other`() async throws {
            try await withBench([.init(settle: "100ms")]) { bench in
                try bench.writeStuckQueue(20, to: "inbox/sub")
                try await bench.withDaemon { daemon in
                    try await daemon.waitForLog("file settled", times: 20)
                    try await daemon.waitForLog("account blocked")
                    try bench.makeDirectory("inbox/sub/.outtrayignore")
                    try bench.write(Media.pdf(21), to: "inbox/last.pdf")
                    try bench.writeKey("pb_live_sandbox", of: "main")
                    #expect(try await bench.run("reload").code == 0)

                    try await bench.waitForEntry("inbox/last.pdf")
                    #expect(bench.page.assets.count == 1)
                    try bench.move("inbox/sub/.outtrayignore", to: "away")
                    try await bench.waitForEntry("inbox/sub/20.pdf")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a folder that takes some types rejects the others, and says what it takes`() async throws {
            try await withBench([.init(settle: "100ms", lines: ["accept: [image/*, video/mp4]"])]) { bench in
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                try bench.write(Media.pdf(1), to: "inbox/b.pdf")

                let pass = try await bench.run("sync")
                #expect(pass.code == 65, "\(pass)")
                let rejected = try await bench.waitForRejection("inbox/b.pdf")
                #expect(rejected.code == "unsupported-type")
                #expect(rejected.reason.contains("its folder takes only image/*, video/mp4"), "\(rejected)")
                #expect(bench.page.assets.count == 1)
            }
        }
    }
}
