import Foundation
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// File systems mounted and unmounted below a watched folder. No inotify event reports a mount.
    struct MountTests {
        /// The codes of the problems that the status names.
        private func problems(_ bench: Bench) async throws -> [String] {
            let status = try JSONTree(parsing: Array(try await bench.run("status", "--json").output.utf8))
            guard case .array(let problems)? = status["problems"] else {
                Issue.record("no problems in \(status)")
                return []
            }
            return problems.compactMap { $0["code"]?.string }
        }

        @Test(.timeLimit(.minutes(5)))
        func `what a bind mount shows goes up, and what it hid is back when it is undone`() async throws {
            try await withBench { bench in
                try await withSmallDisk(on: bench.path("inbox"), size: "4m") { disk in
                    // The name has a space: mount tables write it with octal digits.
                    let cards = bench.path("inbox/SD cards")
                    try bench.makeDirectory("stock")
                    try bench.write(Media.jpeg(1), to: "stock/shown.jpg")
                    try await disk.run("mkdir '\(cards)'")
                    try Data(Media.jpeg(2)).write(to: URL(fileURLWithPath: disk.outside("SD cards/hidden.jpg").string))
                    try await bench.withDaemon(in: disk) { daemon in
                        try await bench.waitForEntry("inbox/SD cards/hidden.jpg")

                        try await disk.run("mount --bind '\(bench.path("stock"))' '\(cards)'")
                        try await bench.waitForEntry("inbox/SD cards/shown.jpg")
                        try await bench.waitForAbsence("inbox/SD cards/hidden.jpg")
                        // The directory now seen is watched as well.
                        try bench.write(Media.jpeg(3), to: "stock/later.jpg")
                        try await bench.waitForEntry("inbox/SD cards/later.jpg")

                        try await disk.run("umount '\(cards)'")
                        try await bench.waitForEntry("inbox/SD cards/hidden.jpg")
                        try await bench.waitForAbsence("inbox/SD cards/shown.jpg")
                        #expect(daemon.lines("folder not watched as it should be") == 0)
                    }
                    #expect(bench.page.assets.count == 3)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file system that is mounted below a folder is watched, and its files stay known when it is away`()
            async throws
        {
            try await withBench { bench in
                try await withSmallDisk(on: bench.path("inbox"), size: "4m") { disk in
                    let card = bench.path("inbox/a/b/card")
                    try await disk.run("mkdir -p '\(card)'")
                    try bench.write(Media.jpeg(1), to: "one.jpg")
                    try bench.write(Media.jpeg(2), to: "two.jpg")
                    try await bench.withDaemon(in: disk) { daemon in
                        try await disk.run("mount -t tmpfs tmpfs '\(card)' && cp '\(bench.path("one.jpg"))' '\(card)'")
                        try await bench.waitForEntry("inbox/a/b/card/one.jpg")
                        try await disk.run("cp '\(bench.path("two.jpg"))' '\(card)'")
                        try await bench.waitForEntry("inbox/a/b/card/two.jpg")

                        try await disk.run("umount '\(card)'")
                        try await daemon.waitForLog("than the known files in it (2), which count as there")
                        #expect(try await problems(bench) == ["folder-unmounted"])
                    }
                    // A restart does not know what was mounted, and sees it all the same.
                    try await bench.withDaemon(in: disk) { daemon in
                        try await daemon.waitForLog("than the known files in it (2), which count as there")
                        let entries = try #require(try bench.manifest()).entries.values
                        #expect(entries.count == 2 && entries.allSatisfy(\.present))
                        #expect(try bench.journal().allSatisfy { $0.event != "removed" })

                        // Another device number, the same bytes, and one file less.
                        try await disk.run("mount -t tmpfs tmpfs '\(card)' && cp '\(bench.path("two.jpg"))' '\(card)'")
                        try await bench.waitForAbsence("inbox/a/b/card/one.jpg")
                        try await bench.waitForEntry("inbox/a/b/card/two.jpg")
                        #expect(try await problems(bench) == [])
                    }
                    #expect(bench.page.assets.count == 2)
                }
            }
        }

        /// udisks and autofs remove the directory that they have mounted on.
        @Test(.timeLimit(.minutes(1)))
        func `files stay known when their mount point is removed, also after a restart`() async throws {
            try await withBench([.init(settle: "100ms", lines: [#"sidecars: ["*.txt"]"#])]) { bench in
                try await withSmallDisk(on: bench.path("inbox"), size: "4m") { disk in
                    let card = bench.path("inbox/media/card")
                    let missing = "not there, and the file system of the known files in it (2) is not mounted"
                    for number in 1...4 { try bench.write(Media.jpeg(number), to: "\(number).jpg") }
                    func fill(_ numbers: Int...) -> String {
                        (["mkdir -p '\(card)'", "mount -t tmpfs tmpfs '\(card)'", "mkdir '\(card)/deep'"]
                            + numbers.map { "cp '\(bench.path("\($0).jpg"))' '\(card)/deep'" }
                            + ["touch '\(card)/deep/1.txt'"]).joined(separator: " && ")
                    }
                    try await disk.run("mkdir '\(bench.path("inbox/own"))'")
                    for number in 3...4 {
                        try await disk.run("cp '\(bench.path("\(number).jpg"))' '\(bench.path("inbox/own"))'")
                    }
                    try await bench.withDaemon(in: disk) { daemon in
                        try await disk.run(fill(1, 2))
                        for name in ["media/card/deep/1", "media/card/deep/2", "own/3", "own/4"] {
                            try await bench.waitForEntry("inbox/\(name).jpg")
                        }
                        try await wait(for: "the sidecar") {
                            try bench.manifest()?.entries["\(card)/deep/1.jpg"]?.sidecars == ["1.txt"]
                        }

                        try await disk.run("umount '\(card)' && rm -r '\(bench.path("inbox/media"))'")
                        try await daemon.waitForLog(missing)
                        // A file that left is told all the same.
                        try await disk.run("rm -r '\(bench.path("inbox/own/3.jpg"))'")
                        try await bench.waitForAbsence("inbox/own/3.jpg")
                    }
                    try await bench.withDaemon(in: disk) { daemon in
                        try await daemon.waitForLog(missing)
                        let entries = try #require(try bench.manifest()).entries
                        for number in 1...2 { #expect(entries["\(card)/deep/\(number).jpg"]?.present == true) }
                        #expect(entries["\(card)/deep/1.jpg"]?.sidecars == ["1.txt"])

                        // Plugged in again, with one file less.
                        try await disk.run(fill(1))
                        try await bench.waitForAbsence("inbox/media/card/deep/2.jpg")
                        #expect(try bench.manifest()?.entries["\(card)/deep/1.jpg"]?.present == true)
                    }
                    #expect(bench.page.assets.count == 4)
                }
            }
        }
    }
}

extension MountedDisk {
    /// Runs a shell line within the disk's namespace.
    func run(_ line: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let command = entering + ["/bin/sh", "-c", line]
        let result = try await Subprocess.run(
            Executable(of: command),
            arguments: Arguments(Array(command.dropFirst())),
            output: .discarded,
            error: .string(limit: 4096)
        )
        try #require(result.terminationStatus.isSuccess, "\(result.standardError)", sourceLocation: sourceLocation)
    }
}

extension Bench {
    /// Waits until a file's entry shows it as absent.
    func waitForAbsence(_ name: String) async throws {
        let key = path(name).string
        try await waitForManifest("\(name) to be absent") { $0.entries[key]?.present == false }
    }
}
