import Glibc
import SystemPackage

/// Finds out whether inotify tells of a file system at all, by an event of our own.
///
/// The event is the opening of the directory for reading (`IN_OPEN`, inotify(7)). It leaves no trace. Each scan opens
/// the directory as well. No name of it changes, and no time: a read sets the atime, an opening does not. A file that
/// is made for the purpose would show to other hosts, and to programs that synchronise. A file without a name
/// (`O_TMPFILE`, open(2)) makes no event of its directory.
///
/// An answer proves that this kernel delivers what is done here, through this mount: the VFS makes the event for each
/// opening, whatever the file system. For overlayfs that is so since Linux 4.9: the watch is on the overlay's own inode
/// (kernel commit f3fbbb079263, "fsnotify: support overlayfs"). An answer does not prove that changes by other hosts
/// are told, or changes in the layers beneath. In an overlay, those are not allowed while it is mounted
/// (Documentation/filesystems/overlayfs.rst, "Changes to underlying filesystems").
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

        /// Whether nothing is known of the file system, as a limit has run out or the wait was given up.
        var decidesNothing: Bool {
            guard case .untried(let error) = self else { return false }
            return [.noSpace, .tooManyOpenFiles, .tooManyOpenFilesInSystem, .canceled].contains(error)
        }
    }

    /// How long the event may take. Mostly it is there when the opening returns.
    package static let patience = Duration.seconds(5)

    /// How long a wait lasts until it is asked whether to go on.
    private static let step = Duration.milliseconds(100)

    /// The awaited event, as a bit of inotify(7).
    let awaited: UInt32
    private let patience: Duration
    private let openInotify: @Sendable () throws(Errno) -> Inotify

    package init() {
        self.init(awaiting: UInt32(IN_OPEN))
    }

    /// For tests, which await what never comes, or have no inotify. `openInotify` replaces the way to open it.
    init(
        awaiting awaited: UInt32 = UInt32(IN_OPEN),
        within patience: Duration = patience,
        openInotify: @escaping @Sendable () throws(Errno) -> Inotify = { () throws(Errno) in try Inotify() }
    ) {
        self.awaited = awaited
        self.patience = patience
        self.openInotify = openInotify
    }

    /// Opens the directory once more, and waits for the event of that. Blocks for as long as the file system does, and
    /// then for five seconds at most. `goesOn` is asked during the wait. If the answer is no, the answer is
    /// `untried(.canceled)`.
    ///
    /// It takes an inotify instance of its own for a moment. So no event of the folders is delayed, and none of other
    /// openings is told to them.
    func answer(of directory: FileDescriptor, while goesOn: () -> Bool = { true }) -> Answer {
        do throws(Errno) {
            let inotify = try openInotify()
            try inotify.await(awaited, of: directory)
            let opened = openat(directory.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            if opened < 0 { throw Errno(rawValue: errno) }
            defer { close(opened) }
            let clock = ContinuousClock()
            let deadline = clock.now + patience
            repeat {
                let rest = max(.zero, clock.now.duration(to: deadline))
                if try inotify.waitForEvent(within: min(Self.step, rest)) { return .heard }
                guard goesOn() else { return .untried(.canceled) }
            } while clock.now < deadline
            return .silent
        } catch {
            return .untried(error)
        }
    }
}
