import Foundation
import Glibc
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// A folder, or the target of a move, that turns out to be a part of another folder while the service runs.
    struct LateFolderTests {
        private static let folders = [Bench.Folder(), Bench.Folder(name: "late", lines: ["after_upload: delete"])]

        @Test(.timeLimit(.minutes(5)), arguments: ["inbox", "inbox/sub"])
        func `a folder that appears as a link into another one takes nothing from it`(target: String) async throws {
            try await withBench(Self.folders) { bench in
                #expect(rmdir(bench.path("late").string) == 0)
                try bench.makeDirectory("inbox/sub")
                try await bench.withDaemon { daemon in
                    try bench.write(Media.jpeg(1), to: "inbox/sub/a.jpg")
                    try await bench.waitForEntry("inbox/sub/a.jpg")

                    #expect(symlink(bench.path(target).string, bench.path("late").string) == 0)
                    try await daemon.waitForLog("folder not watched as it should be") {
                        $0.contains("folder=late") && $0.contains("folder inbox, which is watched already")
                    }
                    try bench.write(Media.jpeg(2), to: "inbox/sub/b.jpg")
                    try await bench.waitForEntry("inbox/sub/b.jpg")

                    // It is watched once it is a directory of its own, and takes away only what lies there.
                    try bench.remove("late")
                    try bench.makeDirectory("late")
                    try bench.write(Media.jpeg(3), to: "late/c.jpg")
                    try await bench.waitUntilGone("late/c.jpg")
                }

                #expect(try bench.files(beneath: "inbox") == ["sub", "sub/a.jpg", "sub/b.jpg"])
                let manifest = try #require(try bench.manifest())
                #expect(manifest.entries.keys.allSatisfy { !$0.hasPrefix("\(bench.path("late"))/b") })
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["late", "late/x"])
        func `a folder that shows another one through a bind mount takes nothing from it`(point: String) async throws {
            try await withBench(Self.folders) { bench in
                try await withSmallDisk(on: bench.path("late"), size: "4m") { disk in
                    try await disk.run("mkdir '\(bench.path("late/x"))'")
                    try await bench.withDaemon(in: disk) { daemon in
                        try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                        try await bench.waitForEntry("inbox/a.jpg")

                        try await disk.run("mount --bind '\(bench.path("inbox"))' '\(bench.path(point))'")
                        try await daemon.waitForLog("folder not watched as it should be") {
                            $0.contains("folder=late") && $0.contains("folder inbox")
                        }
                        try bench.write(Media.jpeg(2), to: "inbox/b.jpg")
                        try await bench.waitForEntry("inbox/b.jpg")

                        try await disk.run("umount '\(bench.path(point))'")
                        try Data(Media.jpeg(3)).write(to: URL(fileURLWithPath: disk.outside("c.jpg").string))
                        try await bench.waitForAbsence("late/c.jpg")
                    }

                    #expect(try bench.files(beneath: "inbox") == ["a.jpg", "b.jpg"])
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a target that becomes a link into a folder takes no file, and all leave once it is a directory`()
            async throws
        {
            try await withBench { bench in
                try bench.makeDirectory("done")
                try bench.configure([.init(lines: ["after_upload: {move: \(bench.path("done"))}"])])
                try await bench.withDaemon { daemon in
                    #expect(rmdir(bench.path("done").string) == 0)
                    try bench.makeDirectory("inbox/done")
                    #expect(symlink(bench.path("inbox/done").string, bench.path("done").string) == 0)
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                    try await daemon.waitForLog("uploaded files cannot leave") {
                        $0.contains("shows files of a watched folder")
                    }
                    #expect(bench.exists("inbox/a.jpg"))

                    try bench.remove("done")
                    try bench.makeDirectory("done")
                    try await bench.waitUntilGone("inbox/a.jpg")
                }

                #expect(try bench.read(bench.path("done/a.jpg")) == Media.jpeg(1))
                let entry = try bench.manifest()?.entries[bench.path("inbox/a.jpg").string]
                #expect(entry?.present == false && entry?.movedTo == bench.path("done/a.jpg").string)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `folders that overlap at the start are a configuration error, however they come to it`() async throws {
            try await withBench(Self.folders) { bench in
                try await withSmallDisk(on: bench.path("late"), size: "4m") { disk in
                    let shared = bench.path("late/x")
                    let mount = "mkdir '\(shared)' && mount --bind '\(bench.path("inbox"))' '\(shared)'"
                    try await disk.run(mount)

                    let check = try await bench.run("check", in: disk)

                    #expect(check.code == 78, "\(check)")
                    let words =
                        "a directory that is mounted in \(bench.path("late")) also shows in \(bench.path("inbox"))"
                    #expect(check.error.contains(words), "\(check)")
                }
            }
        }
    }
}
