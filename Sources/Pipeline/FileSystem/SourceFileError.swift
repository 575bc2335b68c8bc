import SystemPackage

/// Why a file could not be opened or read.
package enum SourceFileError: Error, Hashable, Sendable {
    /// It is not there (any more).
    case missing
    /// A directory, link, FIFO, socket or device.
    case notRegular
    /// The path leads out of its folder.
    case outside
    /// No permission.
    case denied
    /// Its path is longer than the kernel takes, or a name on it than its file system does.
    case tooLong
    /// It has fewer bytes than it had when it was opened.
    case truncated
    /// Its size, its mtime or the file itself is another one than when it was opened.
    case changed
    /// Anything else the kernel says.
    case failed(Errno)

    init(_ errno: Errno) {
        switch errno {
        case .noSuchFileOrDirectory, .notDirectory: self = .missing
        // ENXIO: a socket; ELOOP: a link where none may be; EXDEV: RESOLVE_BENEATH was about to be left.
        case .tooManySymbolicLinkLevels, .noSuchAddressOrDevice: self = .notRegular
        case .improperLink: self = .outside
        case .permissionDenied, .notPermitted: self = .denied
        case .fileNameTooLong: self = .tooLong
        default: self = .failed(errno)
        }
    }

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
