import SystemPackage
import Threads

/// Which watch's events go to which folder's inbox. All folders share one inotify instance.
///
/// The kernel has one watch for one directory, so overlapping folders share it. The watch ends with its last owner.
final class WatchRoutes: Sendable {
    /// The inboxes of one watch: nearly always one.
    private struct Owners {
        var first: Inbox
        var others: [Inbox] = []

        func has(_ inbox: Inbox) -> Bool { first === inbox || others.contains { $0 === inbox } }

        /// The owners without this one. Nil if there are no others.
        func without(_ inbox: Inbox) -> Owners? {
            let rest = ([first] + others).filter { $0 !== inbox }
            return rest.first.map { Owners(first: $0, others: Array(rest.dropFirst())) }
        }
    }

    private struct Table {
        var owners: [Int32: Owners] = [:]
        var marks: [Int32: Inbox] = [:]
        /// The inboxes of all folders.
        var inboxes: [Inbox]
    }

    private let inotify: Inotify
    private let table: Mutex<Table>

    init(_ inotify: Inotify, inboxes: [Inbox] = []) {
        self.inotify = inotify
        table = Mutex(Table(inboxes: inboxes))
    }

    /// From now on this inbox is told of lost events and of mounts.
    func join(_ inbox: Inbox) {
        table.withLock { $0.inboxes.append(inbox) }
    }

    /// Ends every watch of `inbox`.
    func leave(_ inbox: Inbox) {
        table.withLock { table in
            table.inboxes.removeAll { $0 === inbox }
            table.marks = table.marks.filter { $0.value !== inbox }
            let watches = table.owners.filter { $0.value.has(inbox) }.keys
            unwatch(Array(watches), for: inbox, in: &table)
        }
    }

    /// Watches an open directory for `inbox`. The lock is held over both steps, so no event comes before its route is
    /// known.
    func watch(
        _ directory: FileDescriptor,
        for inbox: Inbox,
        at path: () -> FilePath
    ) throws(Errno) -> Int32 {
        try table.withLock { table throws(Errno) in
            let watch = try inotify.add(directory, at: path)
            if table.owners[watch] == nil {
                table.owners[watch] = Owners(first: inbox)
            } else if table.owners[watch]?.has(inbox) == false {
                table.owners[watch]?.others.append(inbox)
            }
            return watch
        }
    }

    /// Ends these watches of `inbox`.
    func unwatch(_ watches: [Int32], for inbox: Inbox) {
        table.withLock { unwatch(watches, for: inbox, in: &$0) }
    }

    /// Puts a mark behind everything that has happened until now. Returns the watch whose `ignored` event is the mark.
    /// Nil if the kernel refuses, for want of watches.
    func mark(for inbox: Inbox) -> Int32? {
        table.withLock { table in
            let mark = inotify.mark()
            if let mark { table.marks[mark] = inbox }
            return mark
        }
    }

    /// Delivers events to their inboxes. Never waits for an inbox.
    func deliver(_ events: [InotifyEvent]) {
        table.withLock { table in
            for event in events {
                deliver(event, by: &table)
            }
        }
    }

    /// Tells every folder where something was mounted or unmounted.
    func deliverMounts(_ points: Set<FilePath>) {
        table.withLock { table in
            for inbox in table.inboxes { inbox.putMounts(points) }
        }
    }

    /// Tells every folder that events may have been lost.
    func deliverOverflow() {
        table.withLock { deliverOverflow(by: $0) }
    }

    private func unwatch(_ watches: [Int32], for inbox: Inbox, in table: inout Table) {
        for watch in watches {
            guard let owners = table.owners.removeValue(forKey: watch) else { continue }
            if let rest = owners.without(inbox) {
                table.owners[watch] = rest
            } else {
                inotify.remove(watch)
            }
        }
    }

    private func deliverOverflow(by table: Table) {
        for inbox in table.inboxes { inbox.putOverflow() }
    }

    private func deliver(_ event: InotifyEvent, by table: inout Table) {
        if event.mask.contains(.queueOverflow) { return deliverOverflow(by: table) }
        if let inbox = table.marks[event.watch], event.mask.contains(.ignored) {
            table.marks[event.watch] = nil
            return inbox.put(event)
        }
        if let owners = table.owners[event.watch] {
            owners.first.put(event)
            for inbox in owners.others { inbox.put(event) }
        }
        if event.mask.contains(.ignored) { table.owners[event.watch] = nil }
    }
}
