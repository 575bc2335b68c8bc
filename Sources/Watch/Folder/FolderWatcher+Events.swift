import Logging
import SystemPackage

/// What each inotify event means for the tree, and what is told of it.
extension FolderWatcher {
    /// Handles all that came in.
    mutating func handle(_ mail: Inbox.Mail) {
        for event in mail.events {
            logger.trace("inotify", metadata: ["watch": "\(event.watch)", "mask": "\(event.mask.rawValue)"])
            handle(event)
            handOverIfLarge()
        }
        if mail.overflowed {
            logger.warning("Events were lost, scanning again", metadata: ["folder.name": "\(folder.name)"])
        }
        if mail.overflowed || mail.rescanAsked { startPass() }
        handleMounts(mail.mounts)
    }

    private mutating func handle(_ event: InotifyEvent) {
        if pass == .waiting(mark: event.watch) {
            pass = .settling
            return
        }
        guard let id = tree.directory(watchedBy: event.watch) else { return }
        guard let name = event.name else { return handleSelf(event, id) }
        if folder.ignore.ignores(name) { return }
        if event.mask.contains(.isDirectory) {
            handleDirectory(event.mask, name, in: id)
        } else if let path = tree.path(of: id)?.appending(name) {
            handleFile(event.mask, path, in: id)
        }
        if event.mask.contains(.movedFrom) { tellExchange(at: name, in: id) }
    }

    /// Looks at what is where something was moved away from. An exchange of two names (`RENAME_EXCHANGE` of renameat2(2))
    /// is two moves to the kernel: the first one's arrival comes before the second one's departure, from the same name
    /// (fsnotify_move in vfs_rename), so that the last event about this name says that it is empty, and it is not.
    private mutating func tellExchange(at name: FilePath.Component, in id: WatchTree.ID) {
        guard let path = tree.path(of: id)?.appending(name), let kind = try? FileStatus.of(path).kind else { return }
        switch kind {
        case .regular: batch.append(.changed(path, folder: folder.name))
        case .directory: if folder.recursive { walk.add(tree.insert(name, in: id)) }
        case .other: break
        }
    }

    /// About a watched directory itself. One below the folder is told of by its parent, too, so there is only the watch
    /// to see to.
    private mutating func handleSelf(_ event: InotifyEvent, _ id: WatchTree.ID) {
        if event.mask.contains(.unmount), let path = tree.path(of: id), id != tree.root {
            batch.append(.goneBelow(path, folder: folder.name))
        }
        if event.mask.contains(.ignored) {
            _ = tree.unbind(event.watch)
            if id == tree.root { loseRoot("it was deleted or unmounted") } else { walk.add(id) }
        }
        if event.mask.contains(.attributes) { lookWhetherOpen(id) }
        if id == tree.root { checkRoot() }
    }

    /// About a subdirectory. What a scan has seen ahead of these events is seen again: each event that takes away is
    /// followed by the one that brought what is there now.
    private mutating func handleDirectory(_ mask: InotifyEvent.Mask, _ name: FilePath.Component, in id: WatchTree.ID) {
        guard folder.recursive else { return }
        let known = tree.child(name, of: id)
        if !mask.isDisjoint(with: [.delete, .movedFrom]) {
            if let known { unwatch(tree.remove(known)) }
            if let path = tree.path(of: id)?.appending(name) {
                unread.clear(from: path)
                batch.append(.goneBelow(path, folder: folder.name))
            }
        } else if !mask.isDisjoint(with: [.create, .movedTo]) || known == nil {
            walk.add(tree.insert(name, in: id))
        } else if let known, !tree.isWatched(known) {
            // It could not be read, and perhaps it may now. One that is watched tells of its attributes itself.
            lookWhetherOpen(known)
        }
    }

    private mutating func handleFile(_ mask: InotifyEvent.Mask, _ path: FilePath, in id: WatchTree.ID) {
        if !mask.isDisjoint(with: [.delete, .movedFrom]) {
            batch.append(.gone(path, folder: folder.name))
        } else if mask.contains(.movedTo) || !batch.hasChanged(path) {
            tellArrival(at: path, in: id, renamed: mask.contains(.movedTo))
        }
    }

    /// Tells of a file if it is a regular one.
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
            // It may have been renamed over a regular file, which is gone then without an event of its own.
            if renamed { batch.append(.gone(path, folder: folder.name)) }
        case .directory:
            break
        }
    }

    /// Notes in the log that a link, FIFO, socket or device is left alone.
    func passOver(_ path: FilePath) {
        logger.debug("Not a regular file, passed over", metadata: ["file.path": "\(path)"])
    }
}
