import CLinux
import Glibc
import SystemPackage

/// What is at a path at this moment.
package enum FileStatus {
    /// The only difference that matters here: regular files go up, directories are entered, the rest is passed over.
    package enum Kind: Sendable, Equatable {
        case regular
        case directory
        /// A symbolic link, FIFO, socket or device.
        case other

        /// The kind in the mode that lstat(2) told.
        package init(mode: mode_t) {
            self =
                switch mode & S_IFMT {
                case S_IFREG: .regular
                case S_IFDIR: .directory
                default: .other
                }
        }
    }

    /// The kind and version of what is at `path`, by lstat(2): a symbolic link is itself, never what it points to.
    ///
    /// Blocks for as long as the file system does. Throws the kernel's error, mostly `.noSuchFileOrDirectory`.
    package static func of(_ path: FilePath) throws(Errno) -> (kind: Kind, version: FileVersion) {
        try read(path, flags: AT_SYMLINK_NOFOLLOW)
    }

    /// What ``of(_:)`` tells of a path beneath `root`, following no link below it either: where a link has taken a
    /// directory's place, what it leads to is not there (`.tooManySymbolicLinkLevels`). The root itself may be a link.
    ///
    /// Before Linux 5.6, which has no openat2(2), only the last component is looked at so closely.
    package static func of(
        _ path: FilePath,
        beneath root: FilePath
    ) throws(Errno) -> (kind: Kind, version: FileVersion) {
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
        return (Kind(mode: status.st_mode), FileVersion(status))
    }

    /// Whether there is surely no regular file at `path`. One that cannot be looked at (no permission on the way, an I/O
    /// error, a server that does not answer) is not surely gone, nor is one whose root is not there: unmounted, or moved
    /// away for a moment. With a root, no link below it is followed; without one, those on the way are.
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

    /// Whether an error of ``of(_:)`` says that there is nothing, rather than that it cannot be told.
    package static func meansGone(_ error: Errno) -> Bool {
        [.noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels].contains(error)
    }

    /// What ``of(_:)`` tells, for a place that a person named, which may be a symbolic link: the folder's own path.
    static func following(_ path: FilePath) throws(Errno) -> (kind: Kind, version: FileVersion) {
        try read(path, flags: 0)
    }

    /// The absolute path, without a symbolic link on the way, that leads to the same place; nil where that cannot be told.
    static func realPath(of path: FilePath) -> FilePath? {
        guard let real = path.withPlatformString({ realpath($0, nil) }) else { return nil }
        defer { free(real) }
        return FilePath(platformString: real)
    }

    private static func read(_ path: FilePath, flags: Int32) throws(Errno) -> (kind: Kind, version: FileVersion) {
        var status = stat()
        let failure = path.withPlatformString { fstatat(AT_FDCWD, $0, &status, flags) == 0 ? 0 : errno }
        if failure != 0 { throw Errno(rawValue: failure) }
        return (Kind(mode: status.st_mode), FileVersion(status))
    }
}
