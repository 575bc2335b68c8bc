import Foundation
import Glibc
import Subprocess
import SystemPackage
import Testing

/// A file system that only the processes in its mount namespace see.
protocol MountedDisk: Sendable {
    /// The process that holds the namespace.
    var holder: Int32 { get }
}

extension MountedDisk {
    /// The start of a command that runs a program within the namespace.
    var entering: [String] {
        ["nsenter", "--target", "\(holder)", "--user", "--mount", "--preserve-credentials", "--"]
    }
}

/// A file system of limited size on a directory: a tmpfs in its own mount namespace.
///
/// Only processes within the namespace see it. It needs `unshare` and `nsenter` (util-linux), and a kernel that lets
/// this user have a user namespace.
struct SmallDisk: MountedDisk {
    let path: FilePath
    let holder: Int32

    /// The path of a file on this disk, as seen from outside.
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

    /// Removes the file that ``fill()`` wrote.
    func free() throws {
        guard unlink(outside(".filler").string) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Makes the disk read-only, or writable again. Waits for a moment without a file open for writing.
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
            // mount(8) exits with 32 for a busy file system, among others.
            try #require(result.terminationStatus == .exited(32), "\(result.standardError)")
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Errno.resourceBusy
    }
}

/// Mounts a small disk on a directory while `body` works.
func withSmallDisk(on path: FilePath, size: String, _ body: (SmallDisk) async throws -> Void) async throws {
    try await withMount("mount -t tmpfs -o size=\(size) tmpfs '\(path)'", on: path) { process in
        try await body(SmallDisk(path: path, holder: process.id))
    }
}

/// Makes the directory, and has `command` mount something there while `body` works.
///
/// The mount has its own namespace, so the test need not be root. The process given to `body` holds that namespace.
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
