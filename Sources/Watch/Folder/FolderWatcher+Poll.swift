import Logging
import SystemPackage
import Threads

/// Polls the directories that cannot be watched.
extension FolderWatcher {
    /// Compares one directory with its last snapshot, and sends the differences.
    mutating func poll(_ id: WatchTree.ID) {
        defer { if pollQueue.isEmpty { times.planPoll(at: clock.now) } }
        guard let before = tree.snapshot(of: id), let components = tree.components(of: id) else { return }
        do throws(Errno) {
            guard let (now, unseen) = try look(components, id, after: before) else { return }
            noteRead(folder.path.appending(components), but: unseen)
            // What was mounted here and is not any more has not lost its files. A scan finds what is there now.
            if before.isApart(from: now) {
                _ = tree.poll(id, from: now)
                return beginScan(.mount)
            }
            let difference = before.difference(to: now)
            if difference.hasLosses, hasMovedElsewhere() { return }
            tell(difference, in: id, at: folder.path.appending(components), now)
            _ = tree.poll(id, from: now)
        } catch {
            // If the directory left, its parent reports that. The parent is watched or polled as well.
            logger.debug("Directory cannot be polled", metadata: ["error": "\(error)"])
            if id == tree.root { return checkPolledRoot(error) }
            if !Self.isAbsence(error) { noteUnread(folder.path.appending(components), error) }
        }
    }

    /// Looks whether the folder's path leads elsewhere by now. If so, all is begun anew: what another directory lacks
    /// has not left.
    private mutating func hasMovedElsewhere() -> Bool {
        let before = root
        checkRoot()
        return root != before
    }

    private mutating func checkPolledRoot(_ error: Errno) {
        checkRoot()
        if root != nil, error == .permissionDenied { loseRoot(error.description) }
    }

    /// Reads one directory. Throws `.permissionDenied` if its names may be read but its files may not be looked at. Its
    /// files have not left then.
    ///
    /// Nil if it is not known what the directory ignores, or if a walk follows: what it ignores has changed, or the
    /// directory may have been elsewhere since the last look.
    private mutating func look(
        _ components: [FilePath.Component],
        _ id: WatchTree.ID,
        after before: DirectorySnapshot
    ) throws(Errno) -> (snapshot: DirectorySnapshot, unseen: UnseenFile?)? {
        let began = clock.now
        defer { times.count(began.duration(to: clock.now)) }
        let reader = try DirectoryReader(root: folder.path, components: components)
        try reader.checkEntering()
        if note(.read(in: reader.descriptor, ignoringCase: folder.ignore.ignoresCase), of: id) {
            walk.add(id)
            return nil
        }
        let rules = rules(in: id)
        if rules.unknown != nil { return nil }
        var snapshot = DirectorySnapshot(on: reader.descriptor, isRoot: id == tree.root)
        if before.mayHaveMoved(until: snapshot) {
            if !hasMovedElsewhere() { walk.add(id) }
            return nil
        }
        var unseen: UnseenFile?
        while let entry = try reader.next() {
            pulse.beat()
            if folder.passesOver(entry.name, isDirectory: entry.kind == .directory, by: rules) { continue }
            guard let failure = entry.failure else {
                snapshot.note(entry)
                continue
            }
            snapshot.keep(entry.name, from: before)
            if unseen == nil { unseen = entry.name.component.map { UnseenFile(name: $0, error: failure) } }
        }
        if reader.denied > 0 { throw .permissionDenied }
        return (snapshot, unseen)
    }

    /// Sends the differences between two looks at a directory.
    ///
    /// Gone directories come first, because a file may have taken such a directory's name. A later `goneBelow` would
    /// take away that file, too.
    mutating func tell(
        _ difference: DirectorySnapshot.Difference,
        in id: WatchTree.ID,
        at path: FilePath,
        _ now: DirectorySnapshot
    ) {
        let rules = rules(in: id)
        if folder.recursive {
            for name in difference.goneDirectories {
                if let child = tree.child(name, of: id) { unwatch(tree.remove(child)) }
                unread.clear(from: path.appending(name))
                guard hasLeft(name, from: path, isDirectory: true, rules) else { continue }
                tellGoneBelow(path.appending(name))
            }
        }
        for name in difference.goneFiles where hasLeft(name, from: path, isDirectory: false, rules) {
            batch.append(.gone(path.appending(name), folder: folder.name))
        }
        for name in difference.changedFiles { batch.append(.changed(path.appending(name), folder: folder.name)) }
        var found = FoundFiles(in: path, folder: folder.name)
        for name in difference.newFiles + difference.doubtfulFiles {
            guard let version = now.files[name] else { continue }
            name.withBorrowedName { found.append($0, version) }
            guard found.count >= Self.batchSize else { continue }
            tell(found)
            found = FoundFiles(in: path, folder: folder.name)
        }
        tell(found)
        guard folder.recursive else { return }
        for name in difference.newDirectories { walk.add(tree.insert(name, in: id)) }
    }
}
