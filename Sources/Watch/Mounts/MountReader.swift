import Glibc
import Logging
import SystemPackage

/// Waits for mounts and unmounts, and tells the folders where they happened.
///
/// inotify reports no mount, and no end of a bind mount: the directory under the mount stays the same. Instead, the
/// kernel wakes a poll(2) of `/proc/self/mountinfo` for urgent data (proc_pid_mounts(5)).
struct MountReader: Sendable {
    private static let path: FilePath = "/proc/self/mountinfo"

    let routes: WatchRoutes
    let end: WakeUp
    let logger: Logger

    /// Works until `end` is signalled. Returns at once if there is no `/proc`. Blocks, so it needs a thread of its own.
    func run() {
        do {
            let file = try FileDescriptor.open(Self.path, .readOnly, options: [.closeOnExec])
            try file.closeAfter {
                var table = MountTable(try read(file))
                while waitForChange(of: file) {
                    let now = MountTable(try read(file))
                    let points = now.points(changedSince: table)
                    table = now
                    if !points.isEmpty { routes.deliverMounts(points) }
                }
            }
        } catch {
            logger.debug("Mounts are not watched", metadata: ["error": "\(error)"])
        }
    }

    /// False when it is time to end.
    private func waitForChange(of file: FileDescriptor) -> Bool {
        var descriptors = [
            pollfd(fd: file.rawValue, events: Int16(POLLPRI), revents: 0),
            pollfd(fd: end.descriptor.rawValue, events: Int16(POLLIN), revents: 0),
        ]
        let ready = poll(&descriptors, nfds_t(descriptors.count), -1)
        return ready <= 0 || descriptors[1].revents == 0
    }

    private func read(_ file: FileDescriptor) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try file.seek(offset: 0, from: .start)
        while true {
            let chunk = try [UInt8](unsafeUninitializedCapacity: 64 * 1024) { buffer, count in
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            if chunk.isEmpty { return bytes }
            bytes += chunk
        }
    }
}
