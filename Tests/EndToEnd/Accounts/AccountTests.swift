import Glibc
import Ledger
import Logging
import Pipeline
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// Accounts that cannot go on: what waits, what does not, and how it ends.
    struct AccountTests {
        private static let folders: [Bench.Folder] = [.init(), .init(name: "linkedin", account: "linkedin")]

        @Test(.timeLimit(.minutes(5)))
        func `an account with a bad key holds up only itself, and loses nothing until the key is corrected`()
            async throws
        {
            try await withBench(Self.folders) { bench in
                try bench.writeKey("pb_live_wrong", of: "main")
                for number in 0..<6 {
                    try bench.write(Media.pdf(number), to: "inbox/\(number).pdf")
                    try bench.write(Media.jpeg(number), to: "linkedin/\(number).jpg")
                }
                try await bench.withDaemon { daemon in
                    try await bench.waitForManifest("the other account's files") { $0.entries.count == 6 }
                    try await daemon.waitForLog("account blocked") { $0.contains("account=main") }
                    // What comes while the account is blocked queues up behind the others, and costs no call.
                    try bench.write(Media.pdf(6), to: "late.pdf")
                    try bench.move("late.pdf", to: "inbox/6.pdf")
                    try await daemon.waitForLog("file settled") { $0.contains("inbox/6.pdf") }
                    try bench.write(Media.jpeg(6), to: "late.jpg")
                    try bench.move("late.jpg", to: "linkedin/6.jpg")
                    try await bench.waitForEntry("linkedin/6.jpg")
                    // Four files are under way at a time when the first is refused.
                    #expect((1...4).contains(bench.page.calls.count { $0.status == 401 }))
                    #expect(bench.page.assets.allSatisfy { $0.provider == .connectsafely })

                    try bench.writeKey("pb_live_sandbox", of: "main")
                    try daemon.send(SIGHUP)
                    try await bench.waitForManifest("all files") { $0.entries.count == 14 }
                }

                let manifest = try #require(try bench.manifest())
                #expect(manifest.rejected.isEmpty)
                let page = bench.page
                #expect(page.assets.count == 14 && page.assets.allSatisfy { $0.isComplete })
                #expect(page.puts.count == 14, "something was sent twice")
                #expect(Set(page.assets.compactMap(\.sha256)).count == 14)
                let uploaded = try bench.journal().filter { $0.event == "uploaded" }.map(\.path)
                #expect(Set(uploaded).count == 14 && uploaded.count == 14)
                let ledger = try SQLiteLedger(
                    directory: bench.state,
                    logger: Logger(label: "ledger") { _ in SwiftLogNoOpLogHandler() }
                )
                for number in 0..<7 {
                    let record = try await ledger.record(of: bench.path("inbox/\(number).pdf"))
                    #expect(record?.attempts == 0, "what the account waited for is no attempt of its files")
                }
                try ledger.close()
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a reload opens a blocked account, and an upload goes on where it was`() async throws {
            let video = Media.mp4(bytes: 12 << 20)
            try await withBench([.init(account: "linkedin")]) { bench in
                let refusal = PreparedAnswer.Form.given(status: 401, headers: [:], body: Array("{}".utf8))
                bench.sandbox.prepare([PreparedAnswer(to: "POST /posts/upload/complete", refusal)])
                try await bench.withDaemon { daemon in
                    try bench.write(video, to: "inbox/a.mp4")
                    try await daemon.waitForLog("account blocked")
                    try daemon.send(SIGHUP)
                    try await bench.waitForEntry("inbox/a.mp4")
                }

                try bench.expectUploadedOnce("inbox/a.mp4", video, kind: "VIDEO")
                #expect(
                    bench.page.calls.map(\.route) == [
                        "POST /posts/upload/init", "POST /posts/upload/complete", "POST /posts/upload/complete",
                    ]
                )
                #expect(bench.page.puts.count == 3, "no part goes twice")
            }
        }
    }
}
