import Glibc
import SystemPackage

/// Where a polled directory stands at a look: its own version, and the version of the directory above.
///
/// A rename of a directory leaves its entries alone. So a directory that was away between two looks, and is back, shows
/// the same files. Whoever looked at one of them meanwhile found it gone, or found another file in its place.
///
/// The rename changes the ctime of the directory that moves (in ext4, XFS, Btrfs and tmpfs), and that of the directory
/// above. Both must differ: an entry that comes or goes changes only one of them.
struct DirectoryStanding: Equatable, Sendable {
    private let own: FileVersion
    private let above: FileVersion
    /// The time of the look, by the wall clock, in nanoseconds since the epoch.
    private let seen: Int64

    init(own: FileVersion, above: FileVersion, seen: Int64) {
        (self.own, self.above, self.seen) = (own, above, seen)
    }

    /// Of an open directory. Nil if the kernel does not tell.
    init?(of directory: FileDescriptor) {
        var (own, above) = (stat(), stat())
        let seen = FileVersion.now
        guard fstat(directory.rawValue, &own) == 0, fstatat(directory.rawValue, "..", &above, 0) == 0 else {
            return nil
        }
        self.init(own: FileVersion(own), above: FileVersion(above), seen: seen)
    }

    /// Whether the directory may have been elsewhere between this look and `later`. False for two directories: the look
    /// at the directory above tells of those.
    func mayHaveMoved(until later: DirectoryStanding) -> Bool {
        FileIdentity(own) == FileIdentity(later.own) && mayDiffer(own, later.own) && mayDiffer(above, later.above)
    }

    /// Whether something may have happened since the look: a change right after it may leave the version as it was.
    private func mayDiffer(_ version: FileVersion, _ later: FileVersion) -> Bool {
        version != later || version.isYoung(at: seen)
    }
}
