import Glibc
import Subprocess
import SystemPackage
import Testing

/// A file system that stores file times in whole seconds: ext4 with inodes of 128 bytes, on a loop device.
///
/// Only root may mount it.
struct CoarseDisk {
    static var isToBeHad: Bool { getuid() == 0 && access("/dev/loop-control", F_OK) == 0 }

    /// Waits for the start of the next second, by the clock of file times (`CLOCK_REALTIME`).
    static func beginSecond() async throws {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        try await Task.sleep(for: .nanoseconds(1_020_000_000 - time.tv_nsec))
    }
}

/// Mounts a coarse disk on an existing directory while `body` works.
func withCoarseDisk(on path: FilePath, _ body: () async throws -> Void) async throws {
    let image = path.removingLastComponent().appending("disk.img")
    let make = """
        truncate -s 8M '\(image)' && mkfs.ext4 -q -I 128 -O ^has_journal '\(image)' \
        && mount -o loop '\(image)' '\(path)' && rmdir '\(path)/lost+found'
        """
    try await run(make)
    do {
        try await body()
    } catch {
        try? await run("umount -l '\(path)'")
        throw error
    }
    try await run("umount -l '\(path)'")
}

private func run(_ line: String) async throws {
    let result = try await Subprocess.run(
        .path("/bin/sh"),
        arguments: ["-c", line],
        output: .discarded,
        error: .string(limit: 4096)
    )
    try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
}
