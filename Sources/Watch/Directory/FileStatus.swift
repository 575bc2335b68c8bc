import CLinux
import Glibc
import SystemPackage

/// What is at a path at this moment.
package enum FileStatus {
    /// The kinds that matter here. Regular files go up, directories are entered, everything else is left alone.
    package enum Kind: Sendable, Equatable {
        case regular
        case directory
        /// A symbolic link, FIFO, socket or device.
        case other

        /// The kind in a mode from lstat(2).
        package init(mode: mode_t) {
            self =
                switch mode & S_IFMT {
                case S_IFREG: .regular
                case S_IFDIR: .directory
                default: .other
                }
        }
    }

    /// What is there, in which version, and how many names (hard links) it has.
    package typealias Finding = (kind: Kind, version: FileVersion, names: UInt64)

    /// What is at `path`, by lstat(2). A symbolic link is reported as itself, never as its
    /// target.
    ///
    /// Blocks for as long as the file system does. Throws the kernel's error, mostly `.noSuchFileOrDirectory`.
    package static func of(_ path: FilePath) throws(Errno) -> Finding {
        try read(path, flags: AT_SYMLINK_NOFOLLOW)
    }

    /// The same as ``of(_:)`` for a path beneath `root`, without following any link below the root. Where a link has
    /// taken a directory's place, throws `.tooManySymbolicLinkLevels`. The root itself may be a link.
    ///
    /// Without openat2(2), links in the middle of the path are followed: on Linux before 5.6, or where the call is
    /// forbidden.
    package static func of(
        _ path: FilePath,
        beneath root: FilePath
    ) throws(Errno) -> Finding {
        var relative = path
        guard relative.removePrefix(root), !relative.isEmpty else { return try of(path) }
        let directory = root.withPlatformString { open($0, Int32(CLINUX_O_PATH) | O_DIRECTORY | O_CLOEXEC) }
        guard directory >= 0 else { throw Errno(rawValue: errno) }
        defer { close(directory) }
        let flags = UInt64(CLINUX_O_PATH) | UInt64(O_NOFOLLOW) | UInt64(O_CLOEXEC)
        let (opened, failure) = relative.withPlatformString { name in
            (clinux_open_beneath(directory, name, flags), errno)
        }
        if opened < 0, failure == ENOSYS || failure == EPERM { return try of(path) }
        guard opened >= 0 else { throw Errno(rawValue: failure) }
        defer { close(opened) }
        var status = stat()
        guard fstat(opened, &status) == 0 else { throw Errno(rawValue: errno) }
        return (Kind(mode: status.st_mode), FileVersion(status), UInt64(status.st_nlink))
    }

    /// Whether there is surely no regular file at `path`.
    ///
    /// False if the path cannot be looked at: no permission on the way, an I/O error, or a server that does not answer.
    /// Also false if the root is not there: it may be unmounted, or moved away for a moment. With a root, no link below
    /// it is followed. Without a root, links on the way are followed.
    package static func isGone(_ path: FilePath, beneath root: FilePath? = nil) -> Bool {
        do throws(Errno) {
            let status = if let root { try of(path, beneath: root) } else { try of(path) }
            return status.kind != .regular
        } catch {
            guard meansGone(error) else { return false }
            guard let root else { return true }
            return (try? following(root).kind) == .directory
        }
    }

    /// Whether an error of ``of(_:)`` says that nothing is there. Other errors only say that the look failed.
    package static func meansGone(_ error: Errno) -> Bool {
        [.noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels].contains(error)
    }

    /// Whether a directory is at this path. False if nothing is there.
    ///
    /// - Throws: The error of a look that failed.
    package static func isDirectory(_ path: FilePath) throws(Errno) -> Bool {
        do throws(Errno) {
            return try of(path).kind == .directory
        } catch {
            guard meansGone(error) else { throw error }
            return false
        }
    }

    /// The version of a regular file; nil if there is none that can be looked at.
    package static func version(ofFile path: FilePath) -> FileVersion? {
        guard let found = try? of(path), found.kind == .regular else { return nil }
        return found.version
    }

    /// Marks a file of our own, so that any later write changes its version. Returns the version; nil if the file
    /// cannot be marked so.
    ///
    /// The kernel stamps writes by its tick: a write right after a look may leave the version as it was. The mark is an
    /// mtime of this very nanosecond, between two ticks. File systems that store whole seconds cannot tell it from
    /// others.
    package static func mark(_ path: FilePath) -> FileVersion? {
        var now = timespec()
        guard clock_gettime(CLOCK_REALTIME, &now) == 0, now.tv_nsec > 0 else { return nil }
        // UTIME_OMIT (bits/stat.h), which Swift does not import: the atime stays.
        let times = [timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2), now]
        guard path.withPlatformString({ utimensat(AT_FDCWD, $0, times, AT_SYMLINK_NOFOLLOW) }) == 0,
            let marked = version(ofFile: path), marked.modified % 1_000_000_000 == Int64(now.tv_nsec)
        else { return nil }
        return marked
    }

    /// The same as ``of(_:)``, but follows a symbolic link. For the folder's own path, since a person named it, and for
    /// links of `/proc`.
    package static func following(_ path: FilePath) throws(Errno) -> Finding {
        try read(path, flags: 0)
    }

    /// A path beneath the folder at `root`, or that folder itself: for the latter, links are followed.
    package static func of(_ path: FilePath, atOrBeneath root: FilePath) throws(Errno) -> Finding {
        path == root ? try following(path) : try of(path, beneath: root)
    }

    /// Whether something is mounted at the path, after links. False where the kernel does not tell (before Linux 5.8).
    package static func isMountPoint(_ path: FilePath) -> Bool {
        (realPath(of: path) ?? path).withPlatformString { clinux_is_mount_point($0) } == 1
    }

    /// The absolute path to the same place, without symbolic links. Nil if the path cannot be resolved.
    static func realPath(of path: FilePath) -> FilePath? {
        guard let real = path.withPlatformString({ realpath($0, nil) }) else { return nil }
        defer { free(real) }
        return FilePath(platformString: real)
    }

    private static func read(_ path: FilePath, flags: Int32) throws(Errno) -> Finding {
        var status = stat()
        let failure = path.withPlatformString { fstatat(AT_FDCWD, $0, &status, flags) == 0 ? 0 : errno }
        if failure != 0 { throw Errno(rawValue: failure) }
        return (Kind(mode: status.st_mode), FileVersion(status), UInt64(status.st_nlink))
    }
}
