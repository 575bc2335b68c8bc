import Glibc
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// Files that cannot go up as they are, and the rest, which goes on.
    struct RejectionTests {
        @Test(.timeLimit(.minutes(5)))
        func `each file that cannot go up is in the manifest with code and reason, and costs no call`() async throws {
            try await withBench([.init(lines: ["limits: {document: 1KB}"])]) { bench in
                try await bench.withDaemon { _ in
                    try bench.write(Media.sample("recording.mkv"), to: "inbox/type.mp4")
                    try bench.write(Media.sample("download.jpg"), to: "inbox/page.jpg")
                    try bench.write(Media.pdf() + Array(repeating: 0, count: 1000), to: "inbox/large.pdf")
                    try bench.write([], to: "inbox/empty.jpg")
                    try bench.write(Media.jpeg(), to: "inbox/good.jpg")

                    let type = try await bench.waitForRejection("inbox/type.mp4")
                    let page = try await bench.waitForRejection("inbox/page.jpg")
                    let large = try await bench.waitForRejection("inbox/large.pdf")
                    let empty = try await bench.waitForRejection("inbox/empty.jpg")
                    try await bench.waitForEntry("inbox/good.jpg")

                    #expect(type.code == "unsupported-type" && type.reason.contains("Matroska"), "\(type)")
                    #expect(type.reason.contains("video/x-matroska") && type.reason.contains("MP4"), "\(type)")
                    #expect(page.code == "unsupported-type" && page.reason.contains("HTML"), "\(page)")
                    #expect(large.code == "too-large" && large.reason.contains("1"), "\(large)")
                    #expect(empty.code == "empty" && empty.folder == "inbox", "\(empty)")
                }

                try bench.expectUploadedOnce("inbox/good.jpg", Media.jpeg(), kind: "IMAGE")
                #expect(bench.page.assets.count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a video whose copy broke off is incomplete, says so, and goes up once it is whole`() async throws {
            try await withBench { bench in
                let video = Media.mp4(bytes: 300_000)
                let key = bench.path("inbox/a.mp4").string
                try await bench.withDaemon { _ in
                    try bench.write(Array(video.prefix(200_000)), to: "inbox/a.mp4")
                    let rejected = try await bench.waitForRejection("inbox/a.mp4")
                    #expect(rejected.code == "incomplete" && rejected.reason.contains("is not finished"), "\(rejected)")
                    let why = try await bench.run("why", key)
                    #expect(why.output.contains("this MP4 video is not finished: its box 'free' ends"), "\(why)")
                    #expect(bench.page.calls.isEmpty)

                    try bench.write(video, to: "inbox/a.mp4")
                    try await bench.waitForEntry("inbox/a.mp4")
                }

                #expect(try bench.manifest()?.rejected.isEmpty == true)
                #expect(try bench.journal().map(\.event) == ["rejected", "uploaded"])
                try bench.expectUploadedOnce("inbox/a.mp4", video, kind: "VIDEO")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that the API refuses is rejected with the API's words, and the rest goes on`() async throws {
            try await withBench(sandbox: { $0.postbreezeCaps[.document] = 100 }) { bench in
                try await bench.withDaemon { _ in
                    try bench.write(Media.pdf(), to: "inbox/a.pdf")
                    try bench.write(Media.jpeg(), to: "inbox/good.jpg")
                    let rejected = try await bench.waitForRejection("inbox/a.pdf")
                    try await bench.waitForEntry("inbox/good.jpg")

                    #expect(rejected.code == "refused-by-provider" && !rejected.reason.isEmpty, "\(rejected)")
                }

                let asked = bench.page.calls.count { $0.status >= 400 }
                #expect(asked == 1, "it was asked \(asked) times")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a full account keeps its files waiting, and the other account goes on`() async throws {
            let folders: [Bench.Folder] = [.init(), .init(name: "linkedin", account: "linkedin")]
            try await withBench(folders, sandbox: { $0.quota = 10 }) { bench in
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                try bench.write(Media.jpeg(), to: "linkedin/a.jpg")

                let ending = try await bench.run("sync")

                #expect(ending.code == 75, "\(ending)")
                let manifest = try #require(try bench.manifest())
                #expect(manifest.entries.keys.sorted() == [bench.path("linkedin/a.jpg").string])
                #expect(manifest.rejected.isEmpty)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a rejected file that is replaced by a good one goes up, and is no longer rejected`() async throws {
            try await withBench { bench in
                let key = bench.path("inbox/a.pdf").string
                try await bench.withDaemon { _ in
                    try bench.write(Media.sample("download.jpg"), to: "inbox/a.pdf")
                    try await bench.waitForRejection("inbox/a.pdf")
                    try bench.write(Media.pdf(), to: "inbox/a.pdf")
                    try await bench.waitForEntry("inbox/a.pdf")
                }

                #expect(try bench.manifest()?.rejected[key] == nil)
                #expect(try bench.journal().map(\.event) == ["rejected", "uploaded"])
                try bench.expectUploadedOnce("inbox/a.pdf", Media.pdf(), kind: "DOCUMENT")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a rejected file that leaves is no longer in the manifest`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { _ in
                    try bench.write([], to: "inbox/a.jpg")
                    try await bench.waitForRejection("inbox/a.jpg")
                    try bench.remove("inbox/a.jpg")
                    try await bench.waitForManifest("its leaving") { $0.rejected.isEmpty }
                }

                #expect(try bench.journal().map(\.event) == ["rejected", "removed"])
            }
        }

        @Test(.timeLimit(.minutes(5)), .enabled(if: OtherUser.canRunTheBinary))
        func `a file that cannot be read is rejected, and goes up once it can`() async throws {
            try await withBench { bench in
                try bench.write(Media.jpeg(), to: "inbox/locked.jpg")
                try bench.give(to: OtherUser.id)
                #expect(chmod(bench.path("inbox/locked.jpg").string, 0) == 0)
                try await bench.withDaemon(user: OtherUser.argument) { _ in
                    let rejected = try await bench.waitForRejection("inbox/locked.jpg")
                    #expect(rejected.code == "unreadable" && !rejected.reason.isEmpty, "\(rejected)")

                    #expect(chmod(bench.path("inbox/locked.jpg").string, 0o644) == 0)
                    try await bench.waitForEntry("inbox/locked.jpg")
                }

                #expect(try bench.manifest()?.rejected.isEmpty == true)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `links, pipes, hidden and unfinished files are passed over without a word`() async throws {
            try await withBench([.init(lines: ["ignore: ['*.draft.*']"])]) { bench in
                let outside = try bench.write(Media.jpeg(1), to: "outside.jpg")
                try await bench.withDaemon { _ in
                    #expect(symlink(outside.string, bench.path("inbox/link.jpg").string) == 0)
                    #expect(mkfifo(bench.path("inbox/pipe.jpg").string, 0o644) == 0)
                    for name in [".hidden.jpg", "a.jpg.part", "b.crdownload", "c.tmp", "d.jpg~", "e.draft.jpg"] {
                        try bench.write(Media.jpeg(2), to: "inbox/\(name)")
                    }
                    try bench.write(Media.jpeg(), to: "inbox/good.jpg")
                    try await bench.waitForEntry("inbox/good.jpg")
                }
                try await bench.sync()

                let manifest = try #require(try bench.manifest())
                #expect(manifest.entries.keys.sorted() == [bench.path("inbox/good.jpg").string])
                #expect(manifest.rejected.isEmpty)
                #expect(bench.page.assets.count == 1)
            }
        }
    }
}
