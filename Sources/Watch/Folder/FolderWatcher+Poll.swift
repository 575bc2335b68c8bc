import Logging
import SystemPackage
import Threads

/// Looks again and again at the directories that cannot be watched.
extension FolderWatcher {
    /// When to look next: after the interval, or later if the last look took so long that it would take more than a
    /// fifth of the time.
    mutating func planNextLook() {
        nextLook = clock.now + max(options.pollInterval, lookTook * 4)
    }

    /// Compares one directory with what it held before, and tells the difference.
    mutating func poll(_ id: WatchTree.ID) {
        defer { if pollQueue.isEmpty { planNextLook() } }
        guard let before = tree.snapshot(of: id), let components = tree.components(of: id) else { return }
        do throws(Errno) {
            let now = try look(components)
            unread.clear(folder.path.appending(components))
            tell(before.difference(to: now), in: id, at: folder.path.appending(components), now)
            _ = tree.poll(id, from: now)
        } catch {
            // If it left, its parent, which is polled as well or watched, tells of that.
            logger.debug("Directory cannot be polled", metadata: ["error": "\(error)"])
            if id == tree.root { return checkPolledRoot(error) }
            if !Self.isAbsence(error) { noteUnread(folder.path.appending(components), error) }
        }
    }

    private mutating func checkPolledRoot(_ error: Errno) {
        checkRoot()
        if root != nil, error == .permissionDenied { loseRoot(error.description) }
    }

    /// Throws `.permissionDenied` where the directory's names may be read, and no more: nothing has left it for that.
    private mutating func look(_ components: [FilePath.Component]) throws(Errno) -> DirectorySnapshot {
        let began = clock.now
        defer { lookTook += began.duration(to: clock.now) }
        let reader = try DirectoryReader(root: folder.path, components: components)
        try reader.checkEntering()
        var snapshot = DirectorySnapshot()
        while let entry = try reader.next() {
            pulse.beat()
            if !folder.ignore.ignores(entry.name) { snapshot.note(entry) }
        }
        if reader.hidden > 0 { throw .permissionDenied }
        return snapshot
    }

    /// Tells the difference between two looks at a directory.
    ///
    /// The directories that are gone come first: a file may have taken the name of one, and "gone with all beneath" would
    /// take it away again.
    mutating func tell(
        _ difference: DirectorySnapshot.Difference,
        in id: WatchTree.ID,
        at path: FilePath,
        _ now: DirectorySnapshot
    ) {
        if folder.recursive {
            for name in difference.goneDirectories {
                if let child = tree.child(name, of: id) { unwatch(tree.remove(child)) }
                unread.clear(from: path.appending(name))
                batch.append(.goneBelow(path.appending(name), folder: folder.name))
            }
        }
        for name in difference.goneFiles { batch.append(.gone(path.appending(name), folder: folder.name)) }
        for name in difference.changedFiles { batch.append(.changed(path.appending(name), folder: folder.name)) }
        for name in difference.newFiles {
            guard let version = now.files[name] else { continue }
            batch.append(.found(path.appending(name), version, folder: folder.name))
            handOverIfLarge()
        }
        guard folder.recursive else { return }
        for name in difference.newDirectories { walk.add(tree.insert(name, in: id)) }
    }
}
