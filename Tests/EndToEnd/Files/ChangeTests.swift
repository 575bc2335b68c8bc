import Glibc
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// What becomes of an entry when its file changes, moves or leaves.
    struct ChangeTests {
        @Test(.timeLimit(.minutes(5)))
        func `changed bytes make a new asset, and the entry points to it`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { _ in
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                    let first = try await bench.waitForEntry("inbox/a.jpg")
                    try bench.write(Media.jpeg(22), to: "inbox/a.jpg")
                    let second = try await bench.waitForEntry("inbox/a.jpg") { $0.sha256 != first.sha256 }

                    #expect(second.mediaId != first.mediaId)
                    #expect(second.revision > first.revision)
                }

                let assets = bench.page.assets.filter(\.isComplete)
                #expect(assets.count == 2)
                let entry = try bench.manifest()?.entries[bench.path("inbox/a.jpg").string]
                #expect(entry?.mediaId == assets.last?.id && entry?.sha256 == assets.last?.sha256)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a touched file is not asked for again`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { _ in
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    let first = try await bench.waitForEntry("inbox/a.jpg")
                    #expect(utimensat(AT_FDCWD, bench.path("inbox/a.jpg").string, nil, 0) == 0)
                    try bench.write(Media.pdf(), to: "inbox/later.pdf")
                    try await bench.waitForEntry("inbox/later.pdf")

                    let again = try await bench.waitForEntry("inbox/a.jpg")
                    #expect(again.mediaId == first.mediaId)
                }
                // Whatever the daemon may have left to do is done here.
                try await bench.sync()

                #expect(bench.page.assets.count == 2)
                #expect(bench.page.puts.count == 2)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a deleted file stays in the manifest as not present`() async throws {
            try await withBench { bench in
                let key = bench.path("inbox/a.pdf").string
                try await bench.withDaemon { _ in
                    try bench.write(Media.pdf(), to: "inbox/a.pdf")
                    let entry = try await bench.waitForEntry("inbox/a.pdf")
                    try bench.remove("inbox/a.pdf")
                    let manifest = try await bench.waitForManifest("its leaving") { $0.entries[key]?.present == false }

                    #expect(manifest.entries[key]?.mediaId == entry.mediaId)
                }

                #expect(try bench.journal().map(\.event) == ["uploaded", "removed"])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that is deleted while nobody watches is not present after the next start`() async throws {
            try await withBench { bench in
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                try await bench.withDaemon { _ in try await bench.waitForEntry("inbox/a.jpg") }
                try bench.remove("inbox/a.jpg")

                try await bench.withDaemon { _ in
                    try await bench.waitForManifest("its leaving") {
                        $0.entries[bench.path("inbox/a.jpg").string]?.present == false
                    }
                }
            }
        }

        @Test(
            .timeLimit(.minutes(5)),
            arguments: [("inbox/b.jpg", true), ("inbox/deep/b.jpg", true), ("inbox/b.jpg", false)]
        )
        func `a renamed file takes its entry along without an upload`(target: String, isWatched: Bool) async throws {
            try await withBench { bench in
                try bench.makeDirectory("inbox/deep")
                var first: Manifest.Entry?
                try await bench.withDaemon { _ in
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    // Once it is ready, its status changes no more: the rename is the last that is told.
                    first = try await bench.waitForEntry("inbox/a.jpg") { $0.status == "ready" }
                    if isWatched {
                        try bench.move("inbox/a.jpg", to: target)
                        try await bench.waitForEntry(target)
                    }
                }
                if !isWatched {
                    try bench.move("inbox/a.jpg", to: target)
                    try await bench.withDaemon { _ in try await bench.waitForEntry(target) }
                }

                let manifest = try #require(try bench.manifest())
                #expect(manifest.entries.keys.sorted() == [bench.path(target).string])
                #expect(manifest.entries.values.first?.mediaId == first?.mediaId)
                #expect(bench.page.assets.count == 1 && bench.page.puts.count == 1)
                let last = try #require(try bench.journal().last)
                #expect(last.event == "renamed" && last.from == bench.path("inbox/a.jpg").string)
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [true, false])
        func `a renamed directory takes all its entries along, and no file of it is looked at`(
            isWatched: Bool
        ) async throws {
            try await withBench { bench in
                try await bench.withDaemon { _ in
                    try bench.makeDirectory("inbox/old")
                    for number in 0..<5 { try bench.write(Media.jpeg(number), to: "inbox/old/\(number).jpg") }
                    try await bench.waitForManifest("5 entries") { manifest in
                        manifest.entries.values.count { $0.status == "ready" } == 5
                    }
                    if isWatched {
                        try bench.move("inbox/old", to: "inbox/new")
                        for number in 0..<5 { try await bench.waitForEntry("inbox/new/\(number).jpg") }
                    }
                }
                if !isWatched {
                    try bench.move("inbox/old", to: "inbox/new")
                    try await bench.withDaemon { _ in
                        for number in 0..<5 { try await bench.waitForEntry("inbox/new/\(number).jpg") }
                    }
                }

                #expect(try bench.manifest()?.entries.count == 5)
                #expect(bench.page.assets.count == 5)
                #expect(try bench.journal().suffix(5).allSatisfy { $0.event == "renamed" })
                let why = try await bench.run("why", "--json", bench.path("inbox/new/0.jpg").string)
                #expect(why.output.contains("\"moved\"") && !why.output.contains("\"settled\""), "\(why.output)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a copy of known bytes gets the known id without an upload`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { _ in
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    let first = try await bench.waitForEntry("inbox/a.jpg")
                    try bench.write(Media.jpeg(), to: "inbox/copy.jpg")
                    let second = try await bench.waitForEntry("inbox/copy.jpg")

                    #expect(second.mediaId == first.mediaId && second.publicUrl == first.publicUrl)
                    #expect(try bench.manifest()?.entries.count == 2)
                }

                #expect(bench.page.assets.count == 1 && bench.page.puts.count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that goes up is deleted where after_upload says so, and its entry stays`() async throws {
            try await withBench([.init(lines: ["after_upload: delete"])]) { bench in
                try await bench.withDaemon { _ in
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    try bench.write(Media.sample("recording.mkv"), to: "inbox/bad.mkv")
                    try await wait(for: "the deletion") { !bench.exists("inbox/a.jpg") }
                    try await bench.waitForManifest("its leaving") {
                        $0.entries[bench.path("inbox/a.jpg").string]?.present == false
                    }
                    try await bench.waitForRejection("inbox/bad.mkv")
                }

                #expect(bench.exists("inbox/bad.mkv"), "what was rejected is not deleted")
                #expect(bench.page.assets.count(where: \.isComplete) == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that goes up is moved where after_upload says so`() async throws {
            try await withBench { bench in
                try bench.makeDirectory("done")
                try bench.configure([.init(lines: ["after_upload: {move: \(bench.path("done"))}"])])
                try await bench.withDaemon { _ in
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    try await wait(for: "the move") { bench.exists("done/a.jpg") }
                    try await bench.waitForManifest("its leaving") {
                        $0.entries[bench.path("inbox/a.jpg").string]?.present == false
                    }
                }

                #expect(!bench.exists("inbox/a.jpg"))
                #expect(try bench.read(bench.path("done/a.jpg")) == Media.jpeg())
                #expect(bench.page.assets.count(where: \.isComplete) == 1)
            }
        }
    }
}
