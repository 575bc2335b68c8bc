import Foundation
import Glibc
import Subprocess
import SystemPackage
import Testing

/// A file system that only those see who run within its mount namespace.
protocol MountedDisk: Sendable {
    /// The process that keeps the namespace.
    var holder: Int32 { get }
}

extension MountedDisk {
    /// What runs a program within it.
    var entering: [String] {
        ["nsenter", "--target", "\(holder)", "--user", "--mount", "--preserve-credentials", "--"]
    }
}

/// A file system of a few hundred KiB on a directory, for processes that run within it: a tmpfs in a mount namespace of its
/// own. It needs `unshare` and `nsenter` (util-linux), and a kernel that lets this user have a user namespace.
struct SmallDisk: MountedDisk {
    let path: FilePath
    let holder: Int32

    /// A file on it, as seen from outside.
    func outside(_ name: String) -> FilePath { FilePath("/proc/\(holder)/root\(path)/\(name)") }

    /// Writes until nothing more fits.
    func fill() throws {
        let file = try FileDescriptor.open(
            outside(".filler"),
            .writeOnly,
            options: [.create, .append],
            permissions: [.ownerReadWrite]
        )
        try file.closeAfter {
            for block in [64 * 1024, 4096, 1] {
                let bytes = [UInt8](repeating: 0, count: block)
                do {
                    while true { _ = try file.writeAll(bytes) }
                } catch Errno.noSpace {}
            }
        }
    }

    /// Takes away what ``fill()`` wrote.
    func free() throws {
        guard unlink(outside(".filler").string) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Makes it read-only, or writable again; waits for a moment in which nobody has a file on it open for writing.
    func remount(readOnly: Bool) async throws {
        let command = entering + ["mount", "-o", "remount,bind,\(readOnly ? "ro" : "rw")", path.string]
        for _ in 0..<100 {
            let result = try await Subprocess.run(
                Executable(of: command),
                arguments: Arguments(Array(command.dropFirst())),
                output: .discarded,
                error: .string(limit: 4096)
            )
            if result.terminationStatus.isSuccess { return }
            // 32: mount(8) says so for a busy file system, among others.
            try #require(result.terminationStatus == .exited(32), "\(result.standardError)")
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Errno.resourceBusy
    }
}

/// Mounts a small disk on a directory for as long as `body` takes.
func withSmallDisk(on path: FilePath, size: String, _ body: (SmallDisk) async throws -> Void) async throws {
    try await withMount("mount -t tmpfs -o size=\(size) tmpfs '\(path)'", on: path) { process in
        try await body(SmallDisk(path: path, holder: process.id))
    }
}

/// Makes the directory, and has `command` mount something there for as long as `body` takes: in a namespace of its own, so
/// that nobody needs to be root. The process holds that namespace.
func withMount(
    _ command: String,
    on path: FilePath,
    _ body: (RunningProcess) async throws -> Void
) async throws {
    try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    let log = path.removingLastComponent().appending("\(path.lastComponent?.string ?? "disk").log")
    try await withProcess(
        [
            "unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-c",
            "\(command) && echo mounted && exec sleep 600",
        ],
        logFile: log
    ) { process in
        try await process.waitForLog("mounted")
        try await body(process)
    }
}
