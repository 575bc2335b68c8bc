import Foundation
import Glibc
import SystemPackage
import Testing

extension EndToEnd {
    /// Directories that the service may not look through, for a while or for good: it says so, and sees what came
    /// meanwhile once they open.
    @Suite(.enabled(if: OtherUser.canRunTheBinary && getuid() == 0, "root closes directories to another user"))
    struct ClosedDirectoryTests {
        private static let unread = "directories cannot be looked through"
        private static let open = "all of the folder can be looked through again"

        private func setMode(_ mode: mode_t, of name: String, _ bench: Bench) throws {
            guard chmod(bench.path(name).string, mode) == 0 else { throw Errno(rawValue: errno) }
        }

        /// 0700: neither read nor entered; 0711: entered, not read; 0744: read, not entered.
        @Test(.timeLimit(.minutes(5)), arguments: [mode_t(0o700), 0o711, 0o744])
        func `what is written to a directory while it is closed goes up once it opens`(mode: mode_t) async throws {
            try await withBench { bench in
                try bench.give(to: OtherUser.id)
                try bench.makeDirectory("inbox/day/one")
                try await bench.withDaemon(user: OtherUser.argument) { daemon in
                    try bench.write(Media.jpeg(1), to: "inbox/day/before.jpg")
                    try await bench.waitForEntry("inbox/day/before.jpg")

                    try setMode(mode, of: "inbox/day", bench)
                    try await daemon.waitForLog(Self.unread) {
                        $0.contains("inbox/day") && $0.contains("setfacl -m u:")
                    }
                    try bench.write(Media.jpeg(2), to: "inbox/day/meanwhile.jpg")
                    try bench.write(Media.jpeg(3), to: "inbox/day/one/below.jpg")
                    try setMode(0o755, of: "inbox/day", bench)
                    try await bench.waitForEntry("inbox/day/meanwhile.jpg")
                    try await bench.waitForEntry("inbox/day/one/below.jpg")
                    try await daemon.waitForLog(Self.open)

                    try bench.write(Media.jpeg(4), to: "inbox/day/one/after.jpg")
                    try await bench.waitForEntry("inbox/day/one/after.jpg")
                    #expect(try bench.manifest()?.entries[bench.path("inbox/day/before.jpg").string]?.present == true)
                    #expect(daemon.lines(Self.unread) == 1)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `each directory that closes is named, and none twice`() async throws {
            try await withBench { bench in
                try bench.give(to: OtherUser.id)
                for name in ["b", "a", "c"] { try bench.makeDirectory("inbox/\(name)") }
                try await bench.withDaemon(user: OtherUser.argument) { daemon in
                    for (number, name) in ["b", "a", "c"].enumerated() {
                        try setMode(0o700, of: "inbox/\(name)", bench)
                        try await daemon.waitForLog(Self.unread) {
                            $0.contains("file.path=\(bench.path("inbox/\(name)"))")
                                && $0.contains("directories=\(number + 1)")
                        }
                    }
                    for name in ["b", "a", "c"] { try setMode(0o755, of: "inbox/\(name)", bench) }
                    try await daemon.waitForLog(Self.open)

                    #expect(daemon.lines(Self.unread) == 3, "\(daemon.log)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [mode_t(0o700), 0o744])
        func `the folder itself is no exception`(mode: mode_t) async throws {
            try await withBench { bench in
                try bench.give(to: OtherUser.id)
                guard chown(bench.path("inbox").string, 0, 0) == 0 else { throw Errno(rawValue: errno) }
                try await bench.withDaemon(user: OtherUser.argument) { daemon in
                    try setMode(mode, of: "inbox", bench)
                    try await daemon.waitForLog("folder not watched as it should be") {
                        $0.contains("setfacl -m u:")
                            && $0.contains(mode == 0o744 ? "(x) is missing" : "permission denied")
                    }
                    try bench.write(Media.jpeg(1), to: "inbox/meanwhile.jpg")
                    try setMode(0o755, of: "inbox", bench)
                    try await bench.waitForEntry("inbox/meanwhile.jpg")

                    try bench.write(Media.jpeg(2), to: "inbox/after.jpg")
                    try await bench.waitForEntry("inbox/after.jpg")
                    #expect(daemon.lines("folder not watched as it should be") == 1, "once")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [mode_t(0o700), 0o744])
        func `a directory that is closed from the start is told once, and looked through once it opens`(mode: mode_t)
            async throws
        {
            try await withBench { bench in
                try bench.give(to: OtherUser.id)
                try bench.makeDirectory("inbox/day/one")
                try bench.write(Media.jpeg(1), to: "inbox/day/one/a.jpg")
                try setMode(mode, of: "inbox/day", bench)
                try await bench.withDaemon(user: OtherUser.argument) { daemon in
                    try await daemon.waitForLog(Self.unread) { $0.contains("inbox/day") }
                    // A pass more says nothing new.
                    try daemon.send(SIGHUP)
                    try bench.write(Media.jpeg(2), to: "inbox/b.jpg")
                    try await bench.waitForEntry("inbox/b.jpg")
                    #expect(daemon.lines(Self.unread) <= 2, "once for each configuration")

                    try setMode(0o755, of: "inbox/day", bench)
                    try await bench.waitForEntry("inbox/day/one/a.jpg")
                }
            }
        }
    }
}
