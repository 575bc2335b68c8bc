import SystemPackage
import Threads
import Watch

/// The targets of moves, and which of them were mount points when a file last went there.
///
/// A disk that is not mounted shows as the directory that it is mounted on. A file that went there would be hidden once
/// the disk is back. What was mounted is known since this process began: a directory that was never seen mounted is an
/// ordinary one.
final class MoveTargets: Sendable {
    private let mounted = Mutex<Set<FilePath>>([])

    /// Opens a target. Blocks.
    ///
    /// - Throws: ``DepartureTrouble/Unmounted`` if something was mounted there, and nothing is by now; `Errno`.
    func open(_ target: FilePath) throws -> OpenDirectory {
        let directory = try OpenDirectory(target)
        let isMounted = FileStatus.isMountPoint(target)
        try mounted.withLock { mounted in
            if isMounted {
                mounted.insert(target)
            } else if mounted.contains(target) {
                throw DepartureTrouble.Unmounted(target: target)
            }
        }
        return directory
    }
}
