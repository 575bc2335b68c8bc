import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// What `after_upload` takes away, and what it never does.
    struct DepartureTests {
        private static let delete = "after_upload: delete"

        // MARK: Only what went up while it was in force

        @Test(.timeLimit(.minutes(5)))
        func `what was up before delete was switched on stays, also after a restart`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { daemon in
                    try bench.write(Media.jpeg(1), to: "inbox/before.jpg")
                    try await bench.waitForEntry("inbox/before.jpg")
                    try await bench.reload([.init(lines: [Self.delete])], daemon)
                    try bench.write(Media.jpeg(2), to: "inbox/after.jpg")
                    try await bench.waitUntilGone("inbox/after.jpg")
                }
                try await bench.withDaemon { _ in
                    try bench.write(Media.jpeg(3), to: "inbox/last.jpg")
                    try await bench.waitUntilGone("inbox/last.jpg")
                }

                #expect(try bench.files(beneath: "inbox") == ["before.jpg"])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a folder whose path changes takes nothing from its former one`() async throws {
            try await withBench { bench in
                try bench.makeDirectory("other")
                try await bench.withDaemon { daemon in
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                    try await bench.waitForEntry("inbox/a.jpg")
                    let yaml = bench.yaml([.init(lines: [Self.delete])])
                    let moved = yaml.replacing("path: \(bench.path("inbox"))", with: "path: \(bench.path("other"))")
                    try bench.write(Array(moved.utf8), to: "outtray.yaml")
                    try daemon.send(SIGHUP)
                    try await daemon.waitForLog(" watching", times: 2)
                    try bench.write(Media.jpeg(2), to: "other/b.jpg")
                    try await bench.waitUntilGone("other/b.jpg")
                }

                #expect(try bench.files(beneath: "inbox") == ["a.jpg"])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `departures follow their folder when its key is another one, at a start and at a reload`() async throws {
            try await withBench([.init(lines: [Self.delete])]) { bench in
                // Recorded, and not carried out.
                try await bench.crashDaemon(at: "upload-recorded") { _ in
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                }
                #expect(bench.exists("inbox/a.jpg"))
                let target = bench.path("done")
                let moving = bench.yaml([.init(lines: ["after_upload: {move: \(target)}"])])
                let renamed = bench.yaml([.init(lines: [Self.delete])]).replacing("  inbox:\n", with: "  renamed:\n")
                try bench.write(Array(renamed.utf8), to: "outtray.yaml")
                try await bench.withDaemon { daemon in
                    try await bench.waitUntilGone("inbox/a.jpg")

                    // Its target is not there, so this departure waits.
                    try await bench.reload(daemon, moving)
                    try bench.write(Media.jpeg(2), to: "inbox/b.jpg")
                    try await daemon.waitForLog("uploaded files cannot leave their folder, this one first")
                    try bench.makeDirectory("done")
                    try await bench.reload(daemon, moving.replacing("  inbox:\n", with: "  again:\n"))
                    try await wait(for: "the file at its target") {
                        bench.exists("done/b.jpg")
                    } state: {
                        daemon.log
                    }
                    #expect(daemon.lines("file stays in its folder") == 0, "\(daemon.log)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a departure is void once its folder has another path or keeps its files`() async throws {
            for lines in [["after_upload: keep"], [Self.delete]] {
                try await withBench([.init(settle: "100ms", lines: [Self.delete])]) { bench in
                    // Recorded, and not carried out.
                    try await bench.crashDaemon(at: "upload-recorded") { _ in
                        try bench.write(Media.pdf(1), to: "inbox/a.pdf")
                    }
                    try bench.makeDirectory("other")
                    var yaml = bench.yaml([.init(settle: "100ms", lines: lines)])
                    if lines == [Self.delete] {
                        yaml = yaml.replacing("path: \(bench.path("inbox"))", with: "path: \(bench.path("other"))")
                    }
                    try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                    try await bench.withDaemon { daemon in
                        try await daemon.waitForLog("file stays in its folder")
                    }

                    #expect(try bench.files(beneath: "inbox") == ["a.pdf"])
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that left by another hand is not said to stay`() async throws {
            try await withBench { bench in
                // The target is not there, so both departures wait.
                let moving = bench.yaml([.init(lines: ["after_upload: {move: \(bench.path("done"))}"])])
                try bench.write(Array(moving.utf8), to: "outtray.yaml")
                for (number, name) in ["gone", "there"].enumerated() {
                    try bench.write(Media.pdf(number), to: "inbox/\(name).pdf")
                }
                try await bench.sync(endsWith: 75)
                try bench.remove("inbox/gone.pdf")
                try bench.configure([.init(settle: "100ms", lines: ["after_upload: keep"])])

                let ending = try await bench.run("sync")

                let stays = ending.error.split(separator: "\n").filter { $0.contains("file stays in its folder") }
                #expect(!stays.contains { $0.contains("gone.pdf") }, "\(ending)")
                #expect(stays.count == 1 && stays[0].contains("there.pdf"), "\(ending)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `an archive that a link leads to is left alone`() async throws {
            try await withBench([.init(settle: "100ms", lines: [Self.delete])]) { bench in
                try bench.makeDirectory("inbox/2025")
                try bench.makeDirectory("archive")
                try await bench.crashDaemon(at: "upload-recorded") { _ in
                    try bench.write(Media.pdf(1), to: "inbox/2025/a.pdf")
                }
                try bench.move("inbox/2025", to: "archive/2025")
                #expect(symlink(bench.path("archive/2025").string, bench.path("inbox/2025").string) == 0)

                try await bench.withDaemon { _ in
                    try bench.write(Media.pdf(2), to: "inbox/b.pdf")
                    try await bench.waitUntilGone("inbox/b.pdf")
                }

                #expect(try bench.files(beneath: "archive") == ["2025", "2025/a.pdf"])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file of a folder that is pushed by name leaves with the next pass`() async throws {
            try await withBench([.init(settle: "100ms", lines: [Self.delete])]) { bench in
                let path = try bench.write(Media.pdf(1), to: "inbox/a.pdf")
                let push = try await bench.run("push", path.string)
                #expect(push.code == 0 && bench.exists("inbox/a.pdf"), "\(push)")

                try await bench.sync()

                try await bench.waitUntilGone("inbox/a.pdf")
                #expect(bench.page.assets.count == 1)
            }
        }

        // MARK: Only the very file that went up

        @Test(.timeLimit(.minutes(5)))
        func `a file that is opened for appending while it is finished stays until it is up whole`() async throws {
            try await withBench([.init(settle: "100ms", lines: [Self.delete])]) { bench in
                var content = Media.jpeg(1)
                try await bench.withDaemon(environment: ["OUTTRAY_STOP_AT": "all-sent"]) { daemon in
                    try bench.write(content, to: "inbox/a.jpg")
                    var writer: FileDescriptor?
                    try await daemon.whileStopped { writer = try bench.openForAppending("inbox/a.jpg") }
                    try await bench.waitUntilStored(content, "the first version")
                    try await bench.waitForEntry("inbox/a.jpg")
                    try await daemon.waitForLog("cannot leave their folder")
                    let more = Array("and more".utf8)
                    try writer?.writeAll(more)
                    try writer?.close()
                    content += more
                    try await daemon.whileStopped {}
                    try await bench.waitUntilStored(content, "the whole")
                    try await bench.waitUntilGone("inbox/a.jpg")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), .enabled(if: getuid() == 0 && OtherUser.canRunTheBinary))
        func `where nobody tells who has a file open, it stays while its writer pauses`() async throws {
            try await withBench([.init(settle: "100ms", lines: [Self.delete])]) { bench in
                var content = Media.pdf(1)
                try bench.give(to: OtherUser.id)
                try await bench.withDaemon(user: OtherUser.argument) { _ in
                    // Its owner is whoever runs the test: no lease for the daemon where that is another one.
                    try bench.write(content, to: "inbox/a.pdf")
                    let writer = try bench.openForAppending("inbox/a.pdf")
                    try await bench.waitUntilStored(content, "the first version")
                    try bench.write(Media.pdf(2), to: "inbox/b.pdf")
                    try await bench.waitUntilStored(Media.pdf(2), "another file, long after")
                    #expect(bench.exists("inbox/a.pdf"))
                    let more = Array("% and more\n".utf8)
                    try writer.writeAll(more)
                    try writer.close()
                    content += more
                    try await bench.waitUntilStored(content, "the whole")
                }

                #expect(try bench.read(bench.path("inbox/a.pdf")) == content)
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["departure-looked", "set-aside", "departure-cleared"])
        func `a file that comes to the name of one that goes is not taken for it`(point: String) async throws {
            try await withBench([.init(settle: "100ms", lines: [Self.delete])]) { bench in
                try await bench.withDaemon(environment: ["OUTTRAY_STOP_AT": point]) { daemon in
                    try bench.write(Media.pdf(1), to: "inbox/a.pdf")
                    try await daemon.whileStopped {
                        try bench.write(Media.pdf(2), to: "new.pdf")
                        try bench.move("new.pdf", to: "inbox/a.pdf")
                    }
                    try await bench.waitUntilStored(Media.pdf(2), "the newcomer")
                    try await daemon.whileStopped {}
                    try await wait(for: "its leaving") { try bench.files(beneath: "inbox").isEmpty }
                }

                #expect(bench.stored == [Media.sha256(Media.pdf(1)), Media.sha256(Media.pdf(2))])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that is opened between the look and its leaving comes back, and goes up whole`() async throws {
            try await withBench([.init(settle: "100ms", lines: [Self.delete])]) { bench in
                var content = Media.jpeg(1)
                try await bench.withDaemon(environment: ["OUTTRAY_STOP_AT": "departure-looked"]) { daemon in
                    try bench.write(content, to: "inbox/a.jpg")
                    var writer: FileDescriptor?
                    try await daemon.whileStopped { writer = try bench.openForAppending("inbox/a.jpg") }
                    try await daemon.waitForLog("file stays in its folder")
                    try await bench.waitForEntry("inbox/a.jpg")
                    let more = Array("and more".utf8)
                    try writer?.writeAll(more)
                    try writer?.close()
                    content += more
                    #expect(try bench.read(bench.path("inbox/a.jpg")) == content)
                    try await daemon.whileStopped {}
                    try await bench.waitUntilStored(content, "the whole")
                    try await bench.waitUntilGone("inbox/a.jpg")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that its provider cannot process is not taken away`() async throws {
            try await withBench([.init(account: "linkedin", settle: "100ms", lines: [Self.delete])]) { bench in
                try await bench.withDaemon { _ in
                    try bench.write(Media.pdf(1), to: "inbox/a.pdf")
                    try await bench.waitUntilGone("inbox/a.pdf")
                }

                #expect(try bench.manifest()?.entries[bench.path("inbox/a.pdf").string]?.status == "ready")
            }
        }

        // MARK: Moves

        @Test(.timeLimit(.minutes(5)))
        func `a file is moved with its path, to another file system as well, and the manifest says where`() async throws
        {
            let other = try OtherDisk()
            for target in ["done", other.path.string] {
                try await withBench { bench in
                    try bench.makeDirectory("done")
                    let place = target == "done" ? bench.path("done") : other.path
                    try bench.configure([.init(settle: "100ms", lines: ["after_upload: {move: \(place)}"])])
                    try await bench.withDaemon { _ in
                        try bench.makeDirectory("inbox/2025/may")
                        try bench.write(Media.jpeg(1), to: "inbox/2025/may/a.jpg")
                        try await bench.waitUntilGone("inbox/2025/may/a.jpg")
                    }

                    let moved = place.pushing("2025/may/a.jpg")
                    let entry = try bench.manifest()?.entries[bench.path("inbox/2025/may/a.jpg").string]
                    #expect(entry?.movedTo == moved.string)
                    #expect(try bench.read(moved) == Media.jpeg(1))
                    let names = try FileManager.default.subpathsOfDirectory(atPath: place.string).sorted()
                    #expect(names == ["2025", "2025/may", "2025/may/a.jpg"])
                    #expect(try bench.journal().map(\.event).filter { $0 == "removed" }.count == 1)
                }
            }
        }

        /// `fs.protected_hardlinks`, Debian's default, allows no link to files like these.
        @Test(.timeLimit(.minutes(5)), .enabled(if: getuid() == 0 && OtherUser.canRunTheBinary))
        func `files of other users are moved by a service that may ask who has them open`() async throws {
            try await withBench { bench in
                try bench.makeDirectory("done")
                try bench.configure([.init(settle: "100ms", lines: ["after_upload: {move: \(bench.path("done"))}"])])
                try bench.give(to: OtherUser.id)
                let packaged = [
                    "setpriv", "--reuid=\(OtherUser.id)", "--inh-caps=+lease", "--ambient-caps=+lease",
                ]
                try await withProcess(
                    packaged + bench.runCommand(),
                    environment: ["HOME": bench.root.string],
                    logFile: bench.path("daemon.log")
                ) { daemon in
                    try await daemon.waitForLog(" watching")
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                    try await bench.waitUntilGone("inbox/a.jpg")
                }

                #expect(try bench.read(bench.path("done/a.jpg")) == Media.jpeg(1))
            }
        }

        // MARK: What cannot leave

        @Test(.timeLimit(.minutes(5)), .enabled(if: OtherUser.canRunTheBinary))
        func `sync ends with 75 and says so where a file cannot leave, and goes on where it can`() async throws {
            try await withBench([.init(settle: "100ms", lines: [Self.delete])]) { bench in
                try bench.makeDirectory("inbox/closed")
                try bench.write(Media.pdf(1), to: "inbox/closed/a.pdf")
                try bench.write(Media.pdf(2), to: "inbox/b.pdf")
                try bench.give(to: OtherUser.id)
                #expect(chmod(bench.path("inbox/closed").string, 0o555) == 0)

                let first = try await bench.run("sync", user: OtherUser.argument)
                #expect(first.code == 75, "\(first)")
                #expect(first.error.contains("inbox/closed/a.pdf: this user may not write to its directory"))
                #expect(try bench.files(beneath: "inbox") == ["closed", "closed/a.pdf"])
                #expect(chmod(bench.path("inbox/closed").string, 0o755) == 0)
                let second = try await bench.run("sync", user: OtherUser.argument)

                #expect(second.code == 0, "\(second)")
                #expect(try bench.files(beneath: "inbox") == ["closed"])
                #expect(bench.page.assets.count == 2)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a copy of bytes whose asset its owner has removed goes up anew before it is deleted`() async throws {
            try await withBench([.init(lines: [Self.delete])]) { bench in
                try await bench.withDaemon { daemon in
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                    try await bench.waitUntilGone("inbox/a.jpg")
                    try bench.write(Media.jpeg(1), to: "inbox/same.jpg")
                    try await bench.waitUntilGone("inbox/same.jpg")
                    let first = try #require(
                        try bench.manifest()?.entries[bench.path("inbox/same.jpg").string]?.mediaId
                    )
                    #expect(bench.page.assets.map(\.id) == [first])
                    bench.sandbox.remove(asset: first)

                    try bench.write(Media.jpeg(1), to: "inbox/copy.jpg")
                    try await bench.waitUntilGone("inbox/copy.jpg")

                    let manifest = try #require(try bench.manifest())
                    let copy = try #require(manifest.entries[bench.path("inbox/copy.jpg").string])
                    #expect(copy.mediaId != first && bench.page.assets.map(\.id) == [first, copy.mediaId])
                    #expect(bench.stored == [Media.sha256(Media.jpeg(1))])
                    for name in ["a", "same"] {
                        let entry = manifest.entries[bench.path("inbox/\(name).jpg").string]
                        #expect(entry?.mediaId == first && entry?.status == "failed")
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), .enabled(if: OtherUser.canRunTheBinary))
        func `check says what becomes of files, and of which it cannot tell who has them open`() async throws {
            try await withBench([.init(lines: [Self.delete])]) { bench in
                let privileged = try await bench.run("check")
                try bench.give(to: OtherUser.id)
                let other = try await bench.run("check", user: OtherUser.argument)

                #expect(other.code == 0 && other.output.contains("then deleted; other users' files only after 60 s"))
                if getuid() == 0 { #expect(privileged.output.contains("to account main, then deleted\n")) }
            }
        }
    }
}
