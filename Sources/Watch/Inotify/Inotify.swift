import Glibc
import SystemPackage

/// One inotify instance: the descriptor and its four calls. It is closed with its last owner.
final class Inotify: Sendable {
    /// Every event that may change what is to be uploaded. Reads and opens are not among them. IN_EXCL_UNLINK leaves
    /// out deleted files that are still open.
    private static let mask =
        UInt32(IN_CREATE) | UInt32(IN_MODIFY) | UInt32(IN_ATTRIB) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_FROM)
        | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE) | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF)
        | UInt32(IN_ONLYDIR) | UInt32(IN_EXCL_UNLINK)

    let descriptor: FileDescriptor

    /// Throws `.tooManyOpenFiles` when the user has as many instances as allowed.
    init() throws(Errno) {
        let raw = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        if raw < 0 { throw Errno(rawValue: errno) }
        descriptor = FileDescriptor(rawValue: raw)
    }

    deinit {
        try? descriptor.close()
    }

    /// Watches exactly the open directory and returns its watch. A directory that is watched already keeps its watch.
    ///
    /// inotify takes a path, and meanwhile a path may lead elsewhere. So the path is the descriptor's in /proc/self/fd.
    /// Without /proc, it is `path()`. Throws `.noSpace` when the user has as many watches as allowed.
    func add(_ directory: FileDescriptor, at path: () -> FilePath) throws(Errno) -> Int32 {
        let opened = inotify_add_watch(descriptor.rawValue, "/proc/self/fd/\(directory.rawValue)", Self.mask)
        if opened >= 0 { return opened }
        let failure = Errno(rawValue: errno)
        if failure != .noSuchFileOrDirectory { throw failure }
        let (named, error) = path().withPlatformString {
            (inotify_add_watch(descriptor.rawValue, $0, Self.mask | UInt32(IN_DONT_FOLLOW)), errno)
        }
        if named < 0 { throw Errno(rawValue: error) }
        return named
    }

    /// Watches an open directory for one kind of event alone, given as a bit of inotify(7).
    func await(_ event: UInt32, of directory: FileDescriptor) throws(Errno) {
        let path = "/proc/self/fd/\(directory.rawValue)"
        if inotify_add_watch(descriptor.rawValue, path, event | UInt32(IN_ONLYDIR)) < 0 {
            throw Errno(rawValue: errno)
        }
    }

    /// Whether an event comes in time. Blocks until then. The event stays in the queue.
    func waitForEvent(within patience: Duration) throws(Errno) -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + patience
        while true {
            var polled = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
            let rest = max(.zero, clock.now.duration(to: deadline)) / .milliseconds(1)
            let ready = poll(&polled, 1, Int32(rest.rounded(.up)))
            if ready >= 0 { return ready > 0 }
            let failure = Errno(rawValue: errno)
            if failure != .interrupted { throw failure }
        }
    }

    /// Ends a watch. No error if the kernel has ended it already.
    func remove(_ watch: Int32) {
        _ = inotify_rm_watch(descriptor.rawValue, watch)
    }

    /// Adds a watch and ends it at once. Its IN_IGNORED event marks a place in the queue: all earlier events are read
    /// before it. Nil if the kernel refuses, for want of watches.
    func mark() -> Int32? {
        let watch = inotify_add_watch(descriptor.rawValue, "/dev/null", UInt32(IN_DELETE_SELF))
        guard watch >= 0 else { return nil }
        remove(watch)
        return watch
    }

    /// Reads the events that are there. Empty if there are none.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> [InotifyEvent] {
        let count = Glibc.read(descriptor.rawValue, buffer.baseAddress, buffer.count)
        if count >= 0 { return InotifyEvent.parse(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
        let failure = Errno(rawValue: errno)
        if failure == .interrupted || failure == .wouldBlock { return [] }
        throw failure
    }
}
