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

    /// Whether there is surely no regular file at `path`. One that cannot be looked at (no permission on the way, an I/O
    /// error, a server that does not answer) is not surely gone.
    package static func isGone(_ path: FilePath) -> Bool {
        do throws(Errno) {
            return try of(path).kind != .regular
        } catch {
            return meansGone(error)
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

    private static func read(_ path: FilePath, flags: Int32) throws(Errno) -> (kind: Kind, version: FileVersion) {
        var status = stat()
        let failure = path.withPlatformString { fstatat(AT_FDCWD, $0, &status, flags) == 0 ? 0 : errno }
        if failure != 0 { throw Errno(rawValue: failure) }
        return (Kind(mode: status.st_mode), FileVersion(status))
    }
}
