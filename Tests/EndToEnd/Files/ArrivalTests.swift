import Foundation
import Glibc
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// How files come into a watched folder while `outtray run` watches.
    struct ArrivalTests {
        @Test(.timeLimit(.minutes(5)))
        func `a file that is copied in goes up once and whole`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { _ in
                    try bench.write(Media.jpeg(), to: "inbox/photo.jpg")
                    try await bench.waitForEntry("inbox/photo.jpg")
                }

                try bench.expectUploadedOnce("inbox/photo.jpg", Media.jpeg(), kind: "IMAGE")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that was there before the start goes up`() async throws {
            try await withBench { bench in
                try bench.write(Media.pdf(), to: "inbox/old.pdf")

                try await bench.withDaemon { _ in try await bench.waitForEntry("inbox/old.pdf") }

                try bench.expectUploadedOnce("inbox/old.pdf", Media.pdf(), kind: "DOCUMENT")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that is moved in from outside goes up`() async throws {
            try await withBench { bench in
                try bench.write(Media.pdf(), to: "elsewhere.pdf")

                try await bench.withDaemon { _ in
                    try bench.move("elsewhere.pdf", to: "inbox/moved.pdf")
                    try await bench.waitForEntry("inbox/moved.pdf")
                }

                try bench.expectUploadedOnce("inbox/moved.pdf", Media.pdf(), kind: "DOCUMENT")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file copied into directories made a moment before goes up`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { _ in
                    try bench.makeDirectory("inbox/a/b/c")
                    try bench.write(Media.jpeg(), to: "inbox/a/b/c/deep.jpg")
                    try await bench.waitForEntry("inbox/a/b/c/deep.jpg")
                }

                try bench.expectUploadedOnce("inbox/a/b/c/deep.jpg", Media.jpeg(), kind: "IMAGE")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that is written 1 KiB every 100 ms for 5 s goes up once and whole`() async throws {
            let video = Media.mp4(bytes: 50 << 10)
            // As users have it.
            let quiet = Duration.seconds(2)
            try await withBench([.init(settle: "2s")]) { bench in
                let rests = try await bench.withDaemon { _ in
                    let rests = try await write(video, slowlyTo: bench.path("inbox/slow.mp4"), counting: quiet)
                    try await bench.waitForEntry("inbox/slow.mp4") { $0.bytes == video.count }
                    return rests
                }

                // Where the machine stood still, so did the writer: the file did rest, and what there was of it went
                // up.
                if rests.value == 0 { try bench.expectUploadedOnce("inbox/slow.mp4", video, kind: "VIDEO") }
                #expect(bench.page.assets.count { $0.sha256 == Media.sha256(video) } == 1)
                #expect(bench.page.assets.count <= 1 + rests.value)
            }
        }

        /// Writes 1 KiB every 100 ms; returns how often the file may have rested for `quiet`.
        private func write(_ content: [UInt8], slowlyTo path: FilePath, counting quiet: Duration) async throws -> Int {
            var rests = 0
            var last = ContinuousClock.now
            for start in stride(from: 0, to: content.count, by: 1 << 10) {
                let now = ContinuousClock.now
                // Opened anew each time, so that quiet alone tells when it is done, and no open descriptor.
                let file = try FileDescriptor.open(
                    path,
                    .writeOnly,
                    options: [.create, .append],
                    permissions: [.ownerReadWrite]
                )
                try file.closeAfter { _ = try file.writeAll(content[start..<start + 1 << 10]) }
                if start > 0, last.duration(to: .now) >= quiet { rests += 1 }
                last = now
                try await Task.sleep(for: .milliseconds(100))
            }
            return rests
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that a writer holds open does not go up before it is closed`() async throws {
            let whole = Media.jpeg(1)
            let half = whole.count / 2
            try await withBench { bench in
                try await bench.withDaemon { daemon in
                    let path = bench.path("inbox/held.jpg")
                    let file = try FileDescriptor.open(
                        path,
                        .writeOnly,
                        options: [.create],
                        permissions: [.ownerReadWrite]
                    )
                    try file.writeAll(whole[..<half])
                    // Twice the quiet time later, another file that came after it is up.
                    try bench.write(Media.jpeg(2), to: "inbox/first.jpg")
                    try await bench.waitForEntry("inbox/first.jpg")
                    try bench.write(Media.jpeg(3), to: "inbox/second.jpg")
                    try await bench.waitForEntry("inbox/second.jpg")
                    #expect(bench.page.assets.count == 2)

                    try file.writeAll(whole[half...])
                    try file.close()
                    try await bench.waitForEntry("inbox/held.jpg")
                }

                try bench.expectUploadedOnce("inbox/held.jpg", whole, kind: "IMAGE")
                #expect(bench.page.assets.count == 3)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that is written beside its place and renamed into it goes up under its last name`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { _ in
                    try bench.write(Media.pdf(), to: "inbox/.report.pdf.part")
                    try bench.move("inbox/.report.pdf.part", to: "inbox/report.pdf")
                    try await bench.waitForEntry("inbox/report.pdf")
                }

                try bench.expectUploadedOnce("inbox/report.pdf", Media.pdf(), kind: "DOCUMENT")
                #expect(try bench.manifest()?.entries.count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a 40 MiB video goes through ConnectSafely in ten parts`() async throws {
            let video = Media.mp4(bytes: 40 << 20)
            try await withBench([.init(account: "linkedin")]) { bench in
                try await bench.withDaemon { _ in
                    try bench.write(video, to: "inbox/launch.mp4")
                    try await bench.waitForEntry("inbox/launch.mp4")
                }

                try bench.expectUploadedOnce("inbox/launch.mp4", video, kind: "VIDEO")
                #expect(bench.page.assets.first?.parts == 10)
                #expect(bench.page.puts.count { $0.stored } == 10)
                #expect(bench.page.completions.count == 1)
                let entry = try bench.manifest()?.entries[bench.path("inbox/launch.mp4").string]
                #expect(entry?.assetUrn?.hasPrefix("urn:li:digitalmediaAsset:") == true)
                #expect(entry?.recipes.isEmpty == false)
                #expect(entry?.mediaId == nil)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `twenty files that come at once all go up`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { _ in
                    for number in 0..<20 { try bench.write(Media.jpeg(number), to: "inbox/\(number).jpg") }
                    try await bench.waitForManifest("20 entries") { $0.entries.count == 20 }
                }

                for number in 0..<20 {
                    try bench.expectUploadedOnce("inbox/\(number).jpg", Media.jpeg(number), kind: "IMAGE")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `each folder goes through its own account, also with the same bytes`() async throws {
            let folders: [Bench.Folder] = [.init(name: "blog"), .init(name: "linkedin", account: "linkedin")]
            try await withBench(folders) { bench in
                try await bench.withDaemon { _ in
                    try bench.write(Media.pdf(), to: "blog/one.pdf")
                    try bench.write(Media.pdf(), to: "linkedin/one.pdf")
                    let blog = try await bench.waitForEntry("blog/one.pdf")
                    let linkedin = try await bench.waitForEntry("linkedin/one.pdf") { $0.status == "ready" }

                    #expect(blog.provider == "postbreeze" && blog.account == "main" && blog.folder == "blog")
                    #expect(blog.mediaId?.hasPrefix("med_") == true && blog.assetUrn == nil && blog.publicUrl != nil)
                    #expect(linkedin.provider == "connectsafely" && linkedin.account == "linkedin")
                    #expect(linkedin.assetUrn?.hasPrefix("urn:li:") == true && linkedin.mediaId == nil)
                }

                let arrived = bench.page.assets.filter(\.isComplete).map(\.provider.rawValue)
                #expect(arrived.sorted() == ["connectsafely", "postbreeze"])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a tree of 200 files that appears at once is seen to its last file`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { _ in
                    for number in 0..<200 {
                        try bench.makeDirectory("inbox/tree/\(number % 10)/\(number % 20)")
                        try bench.write(
                            Media.jpeg(number),
                            to: "inbox/tree/\(number % 10)/\(number % 20)/\(number).jpg"
                        )
                    }
                    try await bench.waitForManifest("200 entries") { $0.entries.count == 200 }
                }

                let assets = bench.page.assets.filter(\.isComplete)
                #expect(assets.count == 200)
                #expect(Set(assets.compactMap(\.sha256)).count == 200)
                #expect(try Set(#require(try bench.manifest()).entries.values.map(\.sha256)).count == 200)
            }
        }
    }
}
