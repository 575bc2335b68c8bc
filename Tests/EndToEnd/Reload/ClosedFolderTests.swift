import Foundation
import Glibc
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// A folder that is closed to the service, or is no directory, is waited for like one that is not there.
    @Suite(.enabled(if: OtherUser.canRunTheBinary && getuid() == 0, "root closes directories to another user"))
    struct ClosedFolderTests {
        /// A trouble that somebody may mend while the service runs.
        enum Trouble: String, CaseIterable, CustomTestStringConvertible {
            case closed = "0700 of another user"
            case unreadable = "0711 of another user"
            case unentered = "0744 of another user"
            case closedAbove = "a closed directory on its way"
            case file = "a file in its place"
            case fileAbove = "a file on its way"
            case fifo = "a FIFO in its place"
            case circle = "a link that leads back to itself"
            case deadLink = "a link that leads nowhere"

            var testDescription: String { rawValue }

            /// Part of the words that name the trouble.
            var words: String {
                switch self {
                case .closed, .unreadable, .closedAbove: "permission denied"
                case .unentered: "the right to enter it (x) is missing"
                case .file, .fifo: "is not a directory"
                case .fileAbove: "way is not a directory"
                case .circle: "leads back to itself"
                case .deadLink: "leads nowhere"
                }
            }

            /// Makes the folder `way/box` have this trouble.
            func bring(to bench: Bench) throws {
                let box = bench.path("way/box").string
                try mend(bench)
                switch self {
                case .closed: try close(box, 0o700)
                case .unreadable: try close(box, 0o711)
                case .unentered: try close(box, 0o744)
                case .closedAbove: try close(bench.path("way").string, 0o700)
                case .file, .fifo, .circle, .deadLink:
                    try check(rmdir(box))
                    switch self {
                    case .file: try bench.write([], to: "way/box")
                    case .fifo: try check(mkfifo(box, 0o666))
                    case .circle: try check(symlink("box", box))
                    default: try check(symlink("none", box))
                    }
                case .fileAbove:
                    try FileManager.default.removeItem(atPath: bench.path("way").string)
                    try bench.write([], to: "way")
                }
            }

            /// Makes `way/box` an empty directory that everybody may use.
            func mend(_ bench: Bench) throws {
                try? FileManager.default.removeItem(atPath: bench.path("way").string)
                try bench.makeDirectory("way/box")
                for name in ["way", "way/box"] { try check(chmod(bench.path(name).string, 0o777)) }
            }

            private func close(_ path: String, _ mode: mode_t) throws { try check(chmod(path, mode)) }

            private func check(_ result: CInt) throws {
                guard result == 0 else { throw Errno(rawValue: errno) }
            }
        }

        private static let folders = [Bench.Folder(), Bench.Folder(name: "way/box")]

        /// The bench's configuration with the folder `box` at `way/box`.
        private func yaml(_ bench: Bench) -> String {
            bench.yaml(Self.folders).replacing("  way/box:\n", with: "  box:\n")
        }

        /// Puts a file of the service's user in a folder. The kernel tells its owner who has it open.
        private func drop(_ bytes: [UInt8], _ name: String, _ bench: Bench) throws {
            try bench.write(bytes, to: "dropped")
            guard chown(bench.path("dropped").string, OtherUser.id, OtherUser.id) == 0 else {
                throw Errno(rawValue: errno)
            }
            try bench.move("dropped", to: name)
        }

        private func withClosedBench(_ trouble: Trouble, _ body: (Bench) async throws -> Void) async throws {
            try await withBench { bench in
                try bench.write(Array(yaml(bench).utf8), to: "outtray.yaml")
                try bench.give(to: OtherUser.id)
                try trouble.bring(to: bench)
                try await body(bench)
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: Trouble.allCases)
        func `a start watches the others, says what mends it, and watches the folder once it opens`(
            trouble: Trouble
        ) async throws {
            try await withClosedBench(trouble) { bench in
                try await bench.withDaemon(user: OtherUser.argument) { daemon in
                    try await daemon.waitForLog("folder not watched as it should be") {
                        $0.contains("folder=box") && $0.contains(trouble.words)
                    }
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                    try await bench.waitForEntry("inbox/a.jpg")

                    try trouble.mend(bench)
                    try bench.write(Media.jpeg(2), to: "way/box/b.jpg")
                    try await bench.waitForEntry("way/box/b.jpg")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: Trouble.allCases)
        func `check and a pass name it and end with 75, and the pass does the others`(trouble: Trouble) async throws {
            try await withClosedBench(trouble) { bench in
                try bench.write(Media.jpeg(1), to: "inbox/a.jpg")

                let check = try await bench.run("check", user: OtherUser.argument)
                let sync = try await bench.run("sync", user: OtherUser.argument)

                #expect(check.code == 75, "\(check)")
                let line = check.lines.first { $0.hasPrefix("no  folder box: ") }
                #expect(line?.contains(trouble.words) == true, "\(check)")
                #expect(check.output.contains("ok  folder inbox"), "\(check)")
                #expect(sync.code == 75, "\(sync)")
                let told = sync.error.split(separator: "\n").first { $0.contains("folder box was not looked through") }
                #expect(told?.contains(trouble.words) == true, "\(sync)")
                try bench.expectUploadedOnce("inbox/a.jpg", Media.jpeg(1), kind: "IMAGE")
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [Trouble.closed, .fifo, .circle])
        func `a reload takes it, and the others do not notice`(trouble: Trouble) async throws {
            try await withBench { bench in
                try bench.give(to: OtherUser.id)
                try trouble.bring(to: bench)
                try await bench.withDaemon(user: OtherUser.argument) { daemon in
                    try await bench.reload(daemon, yaml(bench))
                    try await daemon.waitForLog("folder not watched as it should be") { $0.contains(trouble.words) }
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                    try await bench.waitForEntry("inbox/a.jpg")

                    try trouble.mend(bench)
                    try bench.write(Media.jpeg(2), to: "way/box/b.jpg")
                    try await bench.waitForEntry("way/box/b.jpg")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [Trouble.closed, .file, .fifo, .circle, .deadLink])
        func `a target of move that is closed ends nothing, and files are moved there once it opens`(
            trouble: Trouble
        ) async throws {
            try await withBench([.init(lines: ["after_upload: {move: TARGET}"])]) { bench in
                let yaml = bench.yaml([.init(lines: ["after_upload: {move: \(bench.path("way/box"))}"])])
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                try bench.give(to: OtherUser.id)
                try trouble.bring(to: bench)

                let check = try await bench.run("check", user: OtherUser.argument)
                #expect(check.code == 75, "\(check)")
                #expect(check.output.contains("no  folder inbox: \(bench.path("way/box"))"), "\(check)")
                try await bench.withDaemon(user: OtherUser.argument) { daemon in
                    try await daemon.waitForLog("uploaded files cannot leave their folder yet")
                    try drop(Media.jpeg(1), "inbox/a.jpg", bench)
                    try await bench.waitForManifest("an upload") { !$0.entries.isEmpty }

                    try trouble.mend(bench)
                    try await wait(for: "the file at its target") { bench.exists("way/box/a.jpg") }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `queued files of a directory that is closed for a moment are neither rejected nor gone`() async throws {
            try await withBench([.init(settle: "100ms")]) { bench in
                try bench.writeStuckQueue(10, to: "inbox/sub")
                try bench.give(to: OtherUser.id)
                let sub = bench.path("inbox/sub").string
                try await bench.withDaemon(user: OtherUser.argument) { daemon in
                    try await daemon.waitForLog("file settled", times: 10)
                    try await daemon.waitForLog("account blocked")
                    #expect(chmod(sub, 0) == 0)
                    try drop(Media.pdf(11), "inbox/last.pdf", bench)
                    try bench.writeKey("pb_live_sandbox", of: "main")
                    try bench.give(to: OtherUser.id)
                    #expect(chmod(sub, 0) == 0)
                    #expect(try await bench.run("reload", user: OtherUser.argument).code == 0)
                    try await bench.waitForEntry("inbox/last.pdf")
                    #expect(bench.page.assets.count == 1)

                    #expect(chmod(sub, 0o755) == 0)
                    for number in 1...10 { try await bench.waitForEntry("inbox/sub/\(number).pdf") }
                    #expect(try #require(try bench.manifest()).rejected.isEmpty)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["delete", "move"])
        func `a folder that may be read and not written to is watched, and its files leave once it may`(
            action: String
        ) async throws {
            try await withBench { bench in
                try bench.makeDirectory("done")
                let after = action == "move" ? "{move: \(bench.path("done"))}" : action
                let yaml = bench.yaml([.init(lines: ["after_upload: \(after)"])])
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                try bench.give(to: OtherUser.id)
                #expect(chmod(bench.path("inbox").string, 0o555) == 0)

                let check = try await bench.run("check", user: OtherUser.argument)
                #expect(check.code == 75, "\(check)")
                #expect(
                    check.output.contains("no  folder inbox: \(bench.path("inbox")) cannot be written to"),
                    "\(check)"
                )
                try await bench.withDaemon(user: OtherUser.argument) { daemon in
                    try await daemon.waitForLog("uploaded files cannot leave their folder yet")
                    try drop(Media.jpeg(1), "inbox/a.jpg", bench)
                    try await bench.waitForManifest("an upload") { !$0.entries.isEmpty }

                    #expect(chmod(bench.path("inbox").string, 0o755) == 0)
                    try await wait(for: "the file's leaving") { !bench.exists("inbox/a.jpg") }
                }
            }
        }
    }
}
