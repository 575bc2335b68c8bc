import Glibc

/// Which version of a file was seen: device, inode, size, mtime and ctime, as lstat(2) or fstat(2) told them.
///
/// Two equal versions are the same bytes as far as a file system can tell without reading them; see ``granularity``.
package struct FileVersion: Hashable, Sendable, Codable {
    package var device: UInt64
    package var inode: UInt64
    /// In bytes.
    package var size: Int64
    /// When the content changed last, in nanoseconds since the epoch.
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

    /// The version in what the kernel told.
    package init(_ status: stat) {
        self.init(
            device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino),
            size: Int64(status.st_size),
            modified: status.st_mtim.nanosecondsSinceEpoch,
            changed: status.st_ctim.nanosecondsSinceEpoch
        )
    }

    /// How far apart two writes must be to leave two versions. So long a version has to be seen unchanged before it is proof
    /// of the bytes: a write that follows leaves another one then (git calls a younger one "racily clean").
    ///
    /// No file system tells it. Those that store whole seconds (ext3, ext4 with inodes of 128 bytes, HFS+) or every other one
    /// (FAT) leave a ctime without a fraction; all others stamp by the kernel's tick, of 10 ms at most. Twice a tick is
    /// added, as the time that is stamped lags behind by one.
    package var granularity: Duration {
        let tick = Duration.milliseconds(20)
        return changed % 1_000_000_000 == 0 ? .seconds(2) + tick : tick
    }

    /// Whether it may be that a write from now on leaves this very version: it changed less than ``granularity`` ago. `time` is
    /// that of the wall clock, in nanoseconds since the epoch. For those who have not seen the file before.
    package func isYoung(at time: Int64) -> Bool {
        let (age, overflow) = time.subtractingReportingOverflow(changed)
        return !overflow && Duration.nanoseconds(age.magnitude) < granularity
    }

    /// Whether both are one file with the same bytes, as far as size and mtime tell: they differ in the ctime alone, or not
    /// at all. So it is after a rename, a chmod, a chown and a link made or removed.
    ///
    /// Size and mtime do not tell all: a write through a mapping sets the mtime when it pleases the kernel (mmap(2),
    /// "Timestamps changes for file-backed mappings"), and utimensat(2) sets it back; both change the ctime. So this is
    /// enough to go on with what was begun for a file, and not enough to put bytes that were read before and after it
    /// together. (Nor does an inode number alone say much, for it is given again.)
    package func hasSameBytes(as other: FileVersion) -> Bool {
        device == other.device && inode == other.inode && size == other.size && modified == other.modified
    }
}

extension timespec {
    /// Nanoseconds since the epoch; a time past 2262 or before 1677, which ext4 and XFS can store and Int64 cannot
    /// hold, becomes the nearest that it can.
    fileprivate var nanosecondsSinceEpoch: Int64 {
        let (seconds, tooLarge) = Int64(tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, tooLargeAfterAll) = seconds.addingReportingOverflow(Int64(tv_nsec))
        if tooLarge || tooLargeAfterAll { return tv_sec < 0 ? .min : .max }
        return sum
    }
}
