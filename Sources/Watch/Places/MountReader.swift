import Glibc
import Logging
import SystemPackage
import Threads

/// Waits for mounts and unmounts, and tells the folders where they happened.
///
/// inotify reports no mount, and no end of a bind mount: the directory under the mount stays the same. Instead, the
/// kernel wakes a poll(2) of `/proc/self/mountinfo` for urgent data (proc_pid_mounts(5)).
struct MountReader: Sendable {
    let routes: WatchRoutes
    let end: WakeUp
    let logger: Logger

    /// Works until `end` is signalled. Returns at once if there is no `/proc`. Blocks, so it needs a thread of its own.
    func run() {
        do {
            let file = try FileDescriptor.open(MountTable.file, .readOnly, options: [.closeOnExec])
            try file.closeAfter {
                var table = try file.readMounts()
                while waitForChange(of: file) {
                    let now = try file.readMounts()
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
}
