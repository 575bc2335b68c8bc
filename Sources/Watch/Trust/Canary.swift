import Glibc
import SystemPackage

/// Finds out whether inotify tells of a file system at all, by an event of our own.
///
/// The event is the opening of the directory for reading (`IN_OPEN`, inotify(7)). It leaves no trace. Each scan opens
/// the directory as well. No name of it changes, and no time: a read sets the atime, an opening does not. A file that
/// is made for the purpose would show to other hosts, and to programs that synchronise. A file without a name
/// (`O_TMPFILE`, open(2)) makes no event of its directory.
///
/// An answer proves that this kernel delivers what is done here, through this mount. For overlayfs that is so since
/// Linux 4.9: the watch is on the overlay's own inode (kernel commit f3fbbb079263, "fsnotify: support overlayfs"). An
/// answer does not prove that changes by other hosts are told, or changes in the layers beneath. In an overlay, those
/// are not allowed while it is mounted (Documentation/filesystems/overlayfs.rst, "Changes to underlying filesystems").
/// File systems that other hosts change by design are never asked: ``FileSystemKind`` has them as silent.
///
/// fanotify(7) has the same limits, and a watch of a whole mount needs CAP_SYS_ADMIN.
package struct Canary: Sendable {
    enum Answer: Equatable {
        case heard
        /// Nothing came in time.
        case silent
        /// The event could not be awaited, for this reason.
        case untried(Errno)
    }

    /// How long the event may take. Mostly it is there when the opening returns.
    package static let patience = Duration.seconds(5)

    /// The awaited event, as a bit of inotify(7).
    private let awaited: UInt32
    private let patience: Duration

    package init() {
        self.init(awaiting: UInt32(IN_OPEN))
    }

    /// For tests, which await what never comes.
    init(awaiting awaited: UInt32, within patience: Duration = patience) {
        self.awaited = awaited
        self.patience = patience
    }

    /// Opens the directory once more, and waits for the event of that. Blocks for as long as the file system does, and
    /// then for five seconds at most.
    ///
    /// It takes an inotify instance of its own for a moment. So no event of the folders is delayed, and none of other
    /// openings is told to them.
    func answer(of directory: FileDescriptor) -> Answer {
        do throws(Errno) {
            let inotify = try Inotify()
            try inotify.await(awaited, of: directory)
            let opened = openat(directory.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            if opened < 0 { throw Errno(rawValue: errno) }
            defer { close(opened) }
            return try inotify.waitForEvent(within: patience) ? .heard : .silent
        } catch {
            return .untried(error)
        }
    }
}
