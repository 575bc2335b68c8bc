import Logging
import SystemPackage

/// What each inotify event means for the tree, and which events it sends.
extension FolderWatcher {
    private static let mostUnmounted = 256

    /// Handles everything that came in.
    mutating func handle(_ mail: Inbox.Mail) {
        // Files of an unmounted file system have not left. A scan tells what shows in its place.
        var isUnmounted = false
        for event in mail.events where event.mask.contains(.unmount) {
            guard let id = tree.directory(watchedBy: event.watch), id != tree.root else { continue }
            isUnmounted = true
            noteUnmounted(id)
        }
        for event in mail.events {
            logger.trace("inotify", metadata: ["watch": "\(event.watch)", "mask": "\(event.mask.rawValue)"])
            handle(event)
            handOverIfLarge()
        }
        readIgnoreFiles()
        if mail.overflowed {
            logger.warning("Events were lost, scanning again", metadata: ["folder.name": "\(folder.name)"])
            gauge.change { $0.overflows += 1 }
            report(.overflowed(folder: folder.name))
        }
        if mail.overflowed || mail.rescanAsked { beginScan(mail.overflowed ? .overflow : .asked) }
        handleMounts(mail.mounts)
        if isUnmounted, mail.mounts.isEmpty { beginScan(.mount) }
    }

    /// Notes a directory whose file system was unmounted, unless the mount table told of it at the last scan. Without
    /// `/proc`, each directory of the file system is noted, up to a bound.
    private mutating func noteUnmounted(_ id: WatchTree.ID) {
        guard mountPoints.count < Self.mostUnmounted, let path = tree.path(of: id) else { return }
        var above = path
        while above != folder.path, !mountPoints.contains(above), above.removeLastComponent() {}
        if above == folder.path { mountPoints.insert(path) }
    }

    private mutating func handle(_ event: InotifyEvent) {
        if scan.takes(event.watch) { return }
        guard let id = tree.directory(watchedBy: event.watch) else { return }
        guard let name = event.name else { return handleSelf(event, id) }
        if name == IgnoreFile.name {
            ignoreFilesToRead.insert(id)
            return
        }
        let isPassedOver = passesOver(name, in: id, isDirectory: event.mask.contains(.isDirectory))
        if isPassedOver {
            let isEnd = !event.mask.isDisjoint(with: [.delete, .movedFrom])
            guard isEnd, !name.withBorrowedName(IgnoreRules.ignoresByDefault) else { return }
        }
        if event.mask.contains(.isDirectory) {
            handleDirectory(event.mask, name, in: id)
        } else if let path = tree.path(of: id)?.appending(name) {
            handleFile(event.mask, path, in: id)
        }
        if event.mask.contains(.movedFrom), !isPassedOver { tellExchange(at: name, in: id) }
    }

    /// Looks at the name that something was moved away from. The name may be in use again, after an exchange of two
    /// names (`RENAME_EXCHANGE` of renameat2(2)). The kernel reports an exchange as two moves, one after the other
    /// (fsnotify_move in vfs_rename). The first move arrives at the name before the second move leaves it. So the last
    /// event about this name says that it is empty, and that is wrong.
    private mutating func tellExchange(at name: FilePath.Component, in id: WatchTree.ID) {
        guard let path = tree.path(of: id)?.appending(name), let kind = try? FileStatus.of(path).kind else { return }
        switch kind {
        case .regular: batch.append(.changed(path, folder: folder.name))
        case .directory: if folder.recursive { walk.add(tree.insert(name, in: id)) }
        case .other: break
        }
    }

    /// Handles an event about a watched directory itself. The parent of a directory below the folder reports it as
    /// well. So only the watch needs care here.
    private mutating func handleSelf(_ event: InotifyEvent, _ id: WatchTree.ID) {
        if event.mask.contains(.ignored) {
            _ = tree.unbind(event.watch)
            if id == tree.root { loseRoot("it was deleted or unmounted") } else { walk.add(id) }
        }
        if event.mask.contains(.attributes) { lookWhetherOpen(id) }
        if id == tree.root { checkRoot() }
    }

    /// Handles an event about a subdirectory. A scan may have seen the directory before these events were read. It is
    /// scanned again then: after each event of a removal comes the event for the directory that is there now.
    private mutating func handleDirectory(_ mask: InotifyEvent.Mask, _ name: FilePath.Component, in id: WatchTree.ID) {
        guard folder.recursive else { return }
        let known = tree.child(name, of: id)
        if !mask.isDisjoint(with: [.delete, .movedFrom]) {
            if let known { unwatch(tree.remove(known)) }
            if let path = tree.path(of: id)?.appending(name) {
                unread.clear(from: path)
                tellGoneBelow(path)
            }
        } else if !mask.isDisjoint(with: [.create, .movedTo]) || known == nil {
            walk.add(tree.insert(name, in: id))
        } else if let known, !tree.isWatched(known) {
            // The directory could not be read before, and perhaps it can now. A watched directory reports its
            // attributes itself.
            lookWhetherOpen(known)
        }
    }

    /// Sends that a directory left with everything in it. But a file system that was mounted at it, or beneath it, has
    /// lost nothing: whoever unmounts one may remove its mount point as well (udisks, autofs). Then a scan follows, and
    /// each file is looked for.
    mutating func tellGoneBelow(_ path: FilePath) {
        if mountPoints.contains(where: { $0.starts(with: path) }) {
            beginScan(.mount)
        } else {
            batch.append(.goneBelow(path, folder: folder.name))
            walkedIsDue = clock.now + Self.longestMove
        }
    }

    private mutating func handleFile(_ mask: InotifyEvent.Mask, _ path: FilePath, in id: WatchTree.ID) {
        if !mask.isDisjoint(with: [.delete, .movedFrom]) {
            batch.append(.gone(path, folder: folder.name))
        } else if mask.contains(.movedTo) || !batch.hasChanged(path) {
            tellArrival(at: path, in: id, renamed: mask.contains(.movedTo))
        }
    }

    /// Sends an event for a file if it is a regular file.
    private mutating func tellArrival(at path: FilePath, in id: WatchTree.ID, renamed: Bool) {
        let kind: FileStatus.Kind
        do throws(Errno) {
            kind = try FileStatus.of(path).kind
        } catch {
            return missed(in: id, error)
        }
        switch kind {
        case .regular:
            batch.append(renamed ? .renamedInto(path, folder: folder.name) : .changed(path, folder: folder.name))
        case .other:
            passOver(path)
            // The file may have been renamed over a regular file. That file is gone then, without an event of its own.
            if renamed { batch.append(.gone(path, folder: folder.name)) }
        case .directory:
            break
        }
    }

    /// Logs that a link, FIFO, socket or device is left alone.
    func passOver(_ path: FilePath) {
        logger.debug("Not a regular file, passed over", metadata: ["file.path": "\(path)"])
    }
}
