import Glibc
import SystemPackage

/// The room on a file system.
package struct FreeSpace: Hashable, Sendable {
    /// The bytes that a user without privileges may still write.
    package let bytes: Int64
    /// Whether no file can be made. Some file systems, such as btrfs, count no inodes: there it is false.
    package let isOutOfInodes: Bool

    /// The room beneath a path; nil if the path cannot be looked at. Blocks as long as the file system does.
    package init?(at path: FilePath) {
        var status = statvfs()
        guard path.withPlatformString({ statvfs($0, &status) }) == 0 else { return nil }
        // A file system may claim any number of blocks.
        let (product, isMore) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        bytes = isMore ? .max : Int64(clamping: product)
        isOutOfInodes = status.f_files > 0 && status.f_favail == 0
    }
}
