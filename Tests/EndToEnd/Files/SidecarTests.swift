import Foundation
import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// Files that go with media files and not up: the entries list them.
    struct SidecarTests {
        private static let folder = Bench.Folder(settle: "100ms", lines: [#"sidecars: ["*.txt", "*.xmp", "*.gif"]"#])

        @Test(.timeLimit(.minutes(5)))
        func `sidecars are listed, told when they change, and neither uploaded nor rejected`() async throws {
            try await withBench([Self.folder]) { bench in
                try await bench.withDaemon { daemon in
                    try bench.write(Array("before".utf8), to: "inbox/a.txt")
                    try bench.write(Media.sample("loop.gif"), to: "inbox/lone.gif")
                    try bench.write(Media.pdf(1), to: "inbox/a.pdf")
                    try bench.write(Media.pdf(2), to: "inbox/b.pdf")
                    try await bench.waitForSidecars(["a.pdf": ["a.txt"], "b.pdf": []])

                    // After the upload; of a file and of its name without the ending.
                    try bench.write(Array("x".utf8), to: "inbox/a.pdf.xmp")
                    try bench.write(Array("x".utf8), to: "inbox/b.txt")
                    try await bench.waitForSidecars(["a.pdf": ["a.pdf.xmp", "a.txt"], "b.pdf": ["b.txt"]])

                    // Written anew: the names are the same, and the revision is another.
                    let before = try #require(try bench.entry("a.pdf")).revision
                    try bench.write(Array("after".utf8), to: "inbox/a.txt")
                    try await wait(for: "another revision") { try bench.entry("a.pdf")?.revision ?? 0 > before }
                    #expect(try bench.entry("a.pdf")?.sidecars == ["a.pdf.xmp", "a.txt"])

                    try bench.remove("inbox/a.pdf.xmp")
                    try bench.move("inbox/b.txt", to: "inbox/c.txt")
                    try await bench.waitForSidecars(["a.pdf": ["a.txt"], "b.pdf": []])

                    // The files move, and their lists with them.
                    try bench.move("inbox/b.pdf", to: "inbox/c.pdf")
                    try await bench.waitForSidecars(["a.pdf": ["a.txt"], "c.pdf": ["c.txt"]])
                    try await daemon.waitForLog("sidecar noted") { $0.contains("lone.gif") }
                }

                #expect(try bench.manifest()?.rejected.isEmpty == true)
                #expect(bench.page.assets.count == 2)
                let lines = try bench.wholeJournal().filter { $0.path.hasSuffix("/a.pdf") }
                #expect(lines.map(\.event).filter { $0 == "uploaded" }.count == 1)
                #expect(lines.last?.event == "updated" && lines.last?.sidecars == ["a.txt"])
                let verified = try await bench.run("manifest", "verify")
                #expect(verified.code == 0, "\(verified)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a restart finds what changed meanwhile, and tells nothing of what did not`() async throws {
            try await withBench([Self.folder]) { bench in
                for name in ["a", "b", "c", "d"] {
                    try bench.write(Media.pdf(Int(name.utf8.first ?? 0)), to: "inbox/\(name).pdf")
                    if name != "d" { try bench.write(Array(name.utf8), to: "inbox/\(name).txt") }
                }
                try await bench.sync()
                try await bench.waitForSidecars([
                    "a.pdf": ["a.txt"], "b.pdf": ["b.txt"], "c.pdf": ["c.txt"], "d.pdf": [],
                ])
                let before = try #require(try bench.manifest())
                try await bench.sync()
                #expect(try bench.manifest()?.revision == before.revision)

                try bench.write(Array("another".utf8), to: "inbox/b.txt")
                try bench.remove("inbox/c.txt")
                try bench.write(Array("new".utf8), to: "inbox/d.xmp")
                try await bench.sync()

                let after = try #require(try bench.manifest())
                #expect(after.revision == before.revision + 3)
                #expect(
                    try bench.entry("a.pdf")?.revision == before.entries[bench.path("inbox/a.pdf").string]?.revision
                )
                try await bench.waitForSidecars(
                    ["a.pdf": ["a.txt"], "b.pdf": ["b.txt"], "c.pdf": [], "d.pdf": ["d.xmp"]]
                )
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a reload that names sidecars takes rejections back, and one that names none takes the lists back`()
            async throws
        {
            try await withBench([.init(settle: "100ms")]) { bench in
                try await bench.withDaemon { daemon in
                    try bench.write(Array("text".utf8), to: "inbox/a.txt")
                    try bench.write(Media.pdf(1), to: "inbox/a.pdf")
                    _ = try await bench.waitForRejection("inbox/a.txt")
                    try await bench.waitForEntry("inbox/a.pdf")

                    try await bench.reload(daemon, bench.yaml([Self.folder]))
                    try await bench.waitForSidecars(["a.pdf": ["a.txt"]])
                    #expect(try bench.manifest()?.rejected.isEmpty == true)
                    let why = try await bench.run("why", bench.path("inbox/a.txt").string)
                    #expect(why.output.contains("is a sidecar of a.pdf"), "\(why)")

                    try await bench.reload(daemon, bench.yaml([.init(settle: "100ms")]))
                    try await bench.waitForSidecars(["a.pdf": []])
                    _ = try await bench.waitForRejection("inbox/a.txt")

                    // The folder itself goes, and its lists with it.
                    try await bench.reload(daemon, bench.yaml([Self.folder]))
                    try await bench.waitForSidecars(["a.pdf": ["a.txt"]])
                    try bench.makeDirectory("other")
                    try await bench.reload(daemon, bench.yaml([.init(name: "other")]))
                    try await bench.waitForSidecars(["a.pdf": []])
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that departs leaves its sidecars, and its entry says which it had`() async throws {
            let lines = Self.folder.lines
            let folders = [
                Bench.Folder(settle: "100ms", lines: lines + ["after_upload: delete"]),
                Bench.Folder(name: "moving", settle: "100ms", lines: lines + ["after_upload: {move: DONE}"]),
            ]
            try await withBench(folders) { bench in
                try bench.makeDirectory("done")
                let yaml = bench.yaml(folders).replacing("DONE", with: bench.path("done").string)
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                for folder in ["inbox", "moving"] {
                    try bench.write(Array("text".utf8), to: "\(folder)/a.txt")
                }
                try await bench.sync()
                for (number, folder) in ["inbox", "moving"].enumerated() {
                    try bench.write(Media.pdf(number), to: "\(folder)/a.pdf")
                }
                try await bench.sync()

                let manifest = try #require(try bench.manifest())
                for folder in ["inbox", "moving"] {
                    let entry = manifest.entries[bench.path("\(folder)/a.pdf").string]
                    #expect(entry?.present == false && entry?.sidecars == ["a.txt"], "\(folder)")
                    #expect(bench.exists("\(folder)/a.txt") && !bench.exists("\(folder)/a.pdf"))
                }
                #expect(bench.exists("done/a.pdf") && !bench.exists("done/a.txt"))
                try bench.remove("inbox/a.txt")
                try await bench.sync()
                #expect(try bench.manifest()?.revision == manifest.revision, "the entry is of a file that left")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `links, ignored names and directories are no sidecars, and push and check say of what a file is one`()
            async throws
        {
            let folder = Bench.Folder(settle: "100ms", lines: Self.folder.lines + [#"ignore: ["raw.t*"]"#])
            try await withBench([folder]) { bench in
                for (number, name) in ["a", "raw", "c"].enumerated() {
                    try bench.write(Media.pdf(number), to: "inbox/\(name).pdf")
                }
                try bench.write(Array("x".utf8), to: "inbox/.a.txt")
                try bench.write(Array("x".utf8), to: "inbox/raw.txt")
                try bench.makeDirectory("inbox/c.txt")
                try bench.write(Media.pdf(9), to: "inbox/c.txt/b.pdf")
                #expect(symlink(bench.path("outtray.yaml").string, bench.path("inbox/a.txt").string) == 0)
                try await bench.sync()
                try await bench.waitForSidecars(["a.pdf": [], "c.pdf": [], "raw.pdf": [], "c.txt/b.pdf": []])

                try bench.remove("inbox/a.txt")
                try bench.write(Array("x".utf8), to: "inbox/a.txt")
                let push = try await bench.run("push", bench.path("inbox/a.txt").string)
                #expect(push.code == 65 && push.error.contains("it is a sidecar in its folder inbox"), "\(push)")
                let check = try await bench.run("check", "--ignored", bench.path("inbox/a.txt").string)
                #expect(
                    check.code == 0 && check.output.contains("it is a sidecar of a.pdf: the pattern *.txt"),
                    "\(check)"
                )
                let why = try await bench.run("why", bench.path("inbox/a.txt").string)
                #expect(why.code == 1 && why.output.contains("a.txt  is a sidecar of a.pdf: the pattern"), "\(why)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `names that are not UTF-8 are written as paths are`() async throws {
            try await withBench([Self.folder]) { bench in
                let stem = Array(bench.path("inbox/a").string.utf8) + [0xFF]
                for (ending, bytes) in [
                    (".pdf", Media.pdf()), (".txt", Array("x".utf8)), (".50%.xmp", Array("x".utf8)),
                ] {
                    let path = (stem + Array(ending.utf8) + [0]).map(CChar.init(bitPattern:)).withUnsafeBufferPointer {
                        $0.baseAddress.map { FilePath(platformString: $0) } ?? ""
                    }
                    let file = try FileDescriptor.open(
                        path,
                        .writeOnly,
                        options: .create,
                        permissions: [.ownerReadWrite]
                    )
                    try file.closeAfter { _ = try file.writeAll(bytes) }
                }
                try await bench.sync()

                let entry = try #require(try bench.manifest()?.entries.first?.value)
                #expect(entry.sidecars == ["a%FF.txt"] && entry.sidecarsEncoding == "percent")
                let get = try await bench.run(
                    "manifest",
                    "get",
                    bench.path("inbox/a").string + "%FF.pdf",
                    "--field",
                    "sidecars"
                )
                #expect(get.output == #"["a%FF.txt"]"# + "\n" || get.code != 0, "\(get)")
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func `wherever the process is killed, a restart lists the sidecars`() async throws {
            try await forEach(CrashSide.sidecar, atATime: 3) { point in
                try await withBench([Self.folder]) { bench in
                    try await bench.crashDaemon(at: point) { _ in
                        try bench.write(Media.pdf(), to: "inbox/a.pdf")
                        try bench.write(Array("x".utf8), to: "inbox/a.txt")
                        try bench.write(Array("x".utf8), to: "inbox/a.xmp")
                    }
                    try await bench.sync()

                    #expect(try bench.entry("a.pdf")?.sidecars == ["a.txt", "a.xmp"], "\(point)")
                    #expect(bench.page.assets.count == 1, "\(point)")
                    #expect(try bench.wholeJournal().count { $0.event == "uploaded" } == 1, "\(point)")
                }
            }
        }

        /// Draws what happens next, also to the process. `OUTTRAY_TEST_SEED` repeats a run.
        @Test(.timeLimit(.minutes(4)))
        func `after any order of events, entries list what is on disk`() async throws {
            var random = SeededGenerator()
            let seed = random.seed
            let media = ["a.pdf", "b.pdf", "a.x.pdf", "d/a.pdf"]
            let sidecars = ["a.txt", "a.pdf.txt", "a.xmp", "b.txt", "a.x.txt", "d/a.txt"]
            try await withBench([Self.folder]) { bench in
                try bench.makeDirectory("inbox/d")
                for round in 0..<6 {
                    try await bench.withDaemon { daemon in
                        for _ in 0..<8 {
                            let number = Int.random(in: 0..<1_000_000, using: &random)
                            let names = Bool.random(using: &random) ? media : sidecars
                            let name = "inbox/\(names.randomElement(using: &random) ?? "a.pdf")"
                            let other = "inbox/\(names.randomElement(using: &random) ?? "a.pdf")"
                            let bytes = names == media ? Media.pdf(number) : Array("\(number)".utf8)
                            switch Int.random(in: 0..<6, using: &random) {
                            case 0, 1, 2: try bench.write(bytes, to: name)
                            case 3 where bench.exists(name): try bench.remove(name)
                            case 4 where bench.exists(name) && name != other: try bench.move(name, to: other)
                            default: try await Task.sleep(for: .milliseconds(Int.random(in: 0..<200, using: &random)))
                            }
                        }
                        if round % 2 == 0 { try daemon.send(SIGKILL) }
                    }
                }
                try await bench.sync()

                let manifest = try #require(try bench.manifest())
                for name in media where bench.exists("inbox/\(name)") {
                    let entry = try #require(
                        manifest.entries[bench.path("inbox/\(name)").string],
                        "seed \(seed), \(name)"
                    )
                    let expected = sidecars.filter { bench.exists("inbox/\($0)") && Self.isBeside($0, name) }
                        .map { $0.split(separator: "/").last.map(String.init) ?? "" }.sorted()
                    #expect(entry.present && entry.sidecars ?? [] == expected, "seed \(seed), \(name)")
                }
                #expect(manifest.rejected.isEmpty)
                let verified = try await bench.run("manifest", "verify")
                #expect(verified.code == 0, "seed \(seed): \(verified)")
            }
        }

        private static func isBeside(_ sidecar: String, _ file: String) -> Bool {
            let stem = sidecar.dropLast(4)
            return stem == file || stem == file.dropLast(4)
        }
    }
}

extension Bench {
    fileprivate func entry(_ name: String) throws -> Manifest.Entry? {
        try manifest()?.entries[path("inbox/\(name)").string]
    }

    /// Waits until the present entries of the inbox list these sidecars, and nothing is rejected or missing.
    fileprivate func waitForSidecars(_ expected: [String: [String]]) async throws {
        let wanted = Dictionary(uniqueKeysWithValues: expected.map { (path("inbox/\($0)").string, $1) })
        _ = try await waitForManifest("the sidecars \(expected)") { manifest in
            manifest.entries.filter(\.value.present).mapValues { $0.sidecars ?? [] } == wanted
        }
    }
}
