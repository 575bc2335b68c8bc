import SystemPackage

/// Why a file could not be opened or read.
package enum SourceFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file is not there, or not any more.
    case missing
    /// A directory, link, FIFO, socket or device.
    case notRegular
    /// The path leads out of its folder.
    case outside
    /// No permission.
    case denied
    /// The path is longer than the kernel allows, or a name on it longer than its file system allows.
    case tooLong
    /// The file has fewer bytes than at its opening.
    case truncated
    /// The size, the mtime or the file itself differs from its opening. If the storage has pieces of an earlier try, a
    /// differing ctime is enough.
    case changed
    /// Any other error of the kernel.
    case failed(Errno)

    init(_ errno: Errno) {
        switch errno {
        case .noSuchFileOrDirectory, .notDirectory: self = .missing
        // ENXIO: a socket. ELOOP: a link where none may be. EXDEV: the path was about to leave its root
        // (RESOLVE_BENEATH).
        case .tooManySymbolicLinkLevels, .noSuchAddressOrDevice: self = .notRegular
        case .improperLink: self = .outside
        case .permissionDenied, .notPermitted: self = .denied
        case .fileNameTooLong: self = .tooLong
        default: self = .failed(errno)
        }
    }

    package var description: String { reason }

    /// For people, without a full stop.
    package var reason: String {
        switch self {
        case .missing: "the file is not there any more"
        case .notRegular: "this is not a regular file (links, pipes, sockets and devices do not go up)"
        case .outside: "the path leads out of its folder"
        case .denied: "the file cannot be read: permission denied"
        case .tooLong:
            "its path beneath the folder is longer than the 4,095 bytes that Linux opens: shorten names on the way to it"
        case .truncated: "the file became shorter while it was read"
        case .changed: "the file changed while it was read"
        case .failed(let errno): "the file cannot be read: \(errno)"
        }
    }
}
