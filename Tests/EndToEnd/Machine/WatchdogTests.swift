import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// What systemd hears where the unit has `WatchdogSec=`.
    struct WatchdogTests {
        /// Runs the daemon with a watchdog of `seconds`.
        private func withWatchedDaemon(
            _ bench: Bench,
            seconds: Int,
            in disk: (any MountedDisk)? = nil,
            _ body: (RunningProcess, NotifySocket) async throws -> Void
        ) async throws {
            let socket = try NotifySocket(bench.path("notify"))
            try await withProcess(
                bench.runCommand(in: disk),
                environment: [
                    "NOTIFY_SOCKET": bench.path("notify").string, "WATCHDOG_USEC": "\(seconds * 1_000_000)",
                    "HOME": bench.root.string,
                ],
                logFile: bench.path("daemon.log")
            ) { try await body($0, socket) }
        }

        /// Waits for so many signs of life.
        private func hear(_ count: Int, _ socket: NotifySocket) async throws {
            var heard = 0
            while heard < count {
                if try await socket.next() == "WATCHDOG=1" { heard += 1 }
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func `a folder whose file system hangs does not keep the service from saying that it lives`() async throws {
            try await withBench([.init(), .init(name: "hung")]) { bench in
                try await withHangingDisk(on: bench.path("hung")) { disk in
                    disk.add("b.pdf", Media.pdf())
                    disk.hang(.all)
                    try await withWatchedDaemon(bench, seconds: 2, in: disk) { daemon, socket in
                        try await wait(for: "a look that hangs") { disk.unanswered > 0 }
                        try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                        try await bench.waitForEntry("inbox/a.jpg")
                        // For longer than a loop may stand still: three looks.
                        try await hear(10, socket)

                        #expect(disk.unanswered > 0)
                        #expect(!daemon.log.contains("stands still"), "\(daemon.log)")
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a service that was stopped for a while is well at once when it goes on`() async throws {
            try await withBench { bench in
                try await withWatchedDaemon(bench, seconds: 2) { daemon, socket in
                    try await daemon.waitForLog(" watching")
                    try await hear(2, socket)
                    try daemon.send(SIGSTOP)
                    // Time goes by for it, as it does for a machine whose clock jumps.
                    try await Task.sleep(for: .seconds(3))
                    try daemon.send(SIGCONT)
                    try await hear(6, socket)

                    #expect(!daemon.log.contains("stands still"), "\(daemon.log)")
                }
            }
        }

        @Test(
            .timeLimit(.minutes(3)),
            .enabled(if: geteuid() == 0 && access("/dev/loop-control", W_OK) == 0, "only root may mount and freeze")
        )
        func `a ledger whose commits do not end stops the signs of life, by name, until they do`() async throws {
            try await withBench { bench in
                try await withFrozenDisk(on: bench.path("state"), image: bench.path("disk.img")) { disk in
                    try await withWatchedDaemon(bench, seconds: 4) { daemon, socket in
                        try await daemon.waitForLog(" watching")
                        try await hear(4, socket)
                        try await disk.freeze()
                        try bench.write(Media.jpeg(), to: "inbox/a.jpg")

                        try await daemon.waitForLog("a loop of the service stands still")
                        let told = daemon.log.split(separator: "\n").first { $0.contains("stands still") } ?? ""
                        #expect(told.contains(" error ") && told.contains("events of inbox"), "\(told)")
                        try await disk.thaw()
                        try await daemon.waitForLog("all loops of the service turn again")
                        try await hear(2, socket)
                        try await bench.waitForEntry("inbox/a.jpg")
                    }
                }
            }
        }
    }
}

/// A file system that can be frozen, as fsfreeze(8) does it: whoever writes to it waits.
private struct FrozenDisk: Sendable {
    let path: FilePath

    func freeze() async throws { try await run(["fsfreeze", "--freeze", path.string]) }

    func thaw() async throws { try await run(["fsfreeze", "--unfreeze", path.string]) }
}

/// Mounts an ext4 of 64 MiB for as long as `body` takes; whatever waits for it at its end is let go.
private func withFrozenDisk(
    on path: FilePath,
    image: FilePath,
    _ body: (FrozenDisk) async throws -> Void
) async throws {
    try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    try await run(["truncate", "-s", "64M", image.string])
    try await run(["mkfs.ext4", "-q", image.string])
    try await run(["mount", "-o", "loop", image.string, path.string])
    let disk = FrozenDisk(path: path)
    do {
        try await body(disk)
    } catch {
        try? await disk.thaw()
        try? await run(["umount", "--lazy", path.string])
        throw error
    }
    try await run(["umount", "--lazy", path.string])
}

private func run(_ command: [String]) async throws {
    let result = try await Subprocess.run(
        Executable(of: command),
        arguments: Arguments(Array(command.dropFirst())),
        output: .discarded,
        error: .string(limit: 4096)
    )
    #expect(result.terminationStatus == .exited(0), "\(command): \(result.standardError)")
}
