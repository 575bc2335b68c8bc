import Glibc
import SystemPackage

/// The room on a file system.
package enum FreeSpace {
    /// The bytes that a user without privileges may still write beneath a path; nil if the path cannot be looked at.
    /// Blocks as long as the file system does.
    package static func bytes(at path: FilePath) -> Int64? {
        var status = statvfs()
        guard path.withPlatformString({ statvfs($0, &status) }) == 0 else { return nil }
        return Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }
}
