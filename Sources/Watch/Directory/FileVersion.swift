import Glibc

/// A version of a file: device, inode, size, mtime and ctime, as lstat(2) or fstat(2) reported them.
///
/// Two equal versions have the same bytes, as far as a file system can tell without reading them. See ``granularity``.
package struct FileVersion: Hashable, Sendable, Codable {
    package var device: UInt64
    package var inode: UInt64
    /// In bytes.
    package var size: Int64
    /// When the content changed last (mtime), in nanoseconds since the epoch.
    package var modified: Int64
    /// When the inode changed last (ctime), in nanoseconds since the epoch.
    package var changed: Int64

    /// A version from its five parts.
    package init(device: UInt64, inode: UInt64, size: Int64, modified: Int64, changed: Int64) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
        self.changed = changed
    }

    /// The version in the kernel's answer.
    package init(_ status: stat) {
        self.init(
            device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino),
            size: Int64(status.st_size),
            modified: status.st_mtim.nanosecondsSinceEpoch,
            changed: status.st_ctim.nanosecondsSinceEpoch
        )
    }

    /// How far apart two writes must be to leave two versions.
    ///
    /// A version proves the bytes only after it was seen unchanged for this long. A later write then leaves another
    /// version. (git calls a younger file "racily clean".)
    ///
    /// No file system reports this value. Some store whole seconds (ext3, ext4 with inodes of 128 bytes, HFS+) or every
    /// other second (FAT). Their ctime has no fraction. All others stamp by the kernel's tick, of 10 ms at most. Two
    /// ticks are added, as the stamped time lags behind by one.
    package var granularity: Duration {
        let tick = Duration.milliseconds(20)
        return hasExactTimes ? tick : .seconds(2) + tick
    }

    /// Whether the file system stores parts of seconds. Of others, some have no true ctime either, and give inode
    /// numbers anew at each mount (FAT, FUSE).
    package var hasExactTimes: Bool { changed % 1_000_000_000 != 0 }

    /// Whether a write from now on may leave this very version. True if the file changed less than ``granularity``
    /// before or after `time`. `time` is wall clock time in nanoseconds since the epoch. For callers that see the file
    /// for the first time.
    package func isYoung(at time: Int64) -> Bool {
        let (age, overflow) = time.subtractingReportingOverflow(changed)
        return !overflow && Duration.nanoseconds(age.magnitude) < granularity
    }

    /// The present time for ``isYoung(at:)``.
    static var now: Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now.nanosecondsSinceEpoch
    }

    /// Whether both versions are one file with the same bytes, by size and mtime. At most their ctimes differ. So it is
    /// after a rename, a chmod, a chown, or a link made or removed.
    ///
    /// Size and mtime do not prove the same bytes. A write through a mapping sets the mtime when it pleases the kernel
    /// (mmap(2), "Timestamps changes for file-backed mappings"). utimensat(2) sets the mtime back. Both change the
    /// ctime. Inode numbers prove little, for they are used again.
    ///
    /// So this answer is enough to go on with an upload that was begun. It is not enough to put together bytes that
    /// were read before and after.
    package func hasSameBytes(as other: FileVersion) -> Bool {
        device == other.device && inode == other.inode && size == other.size && modified == other.modified
    }
}

extension FileVersion {
    /// The device's numbers, as `/proc` writes them: by the bits of makedev(3) on Linux.
    package var deviceNumbers: (major: UInt64, minor: UInt64) {
        (device >> 8 & 0xFFF | device >> 32 & ~0xFFF, device & 0xFF | device >> 12 & ~0xFF)
    }
}

extension timespec {
    /// Nanoseconds since the epoch. ext4 and XFS can store times past 2262 or before 1677, but Int64 cannot hold them.
    /// Such a time becomes the nearest value in range.
    fileprivate var nanosecondsSinceEpoch: Int64 {
        let (seconds, tooLarge) = Int64(tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, tooLargeAfterAll) = seconds.addingReportingOverflow(Int64(tv_nsec))
        if tooLarge || tooLargeAfterAll { return tv_sec < 0 ? .min : .max }
        return sum
    }
}
