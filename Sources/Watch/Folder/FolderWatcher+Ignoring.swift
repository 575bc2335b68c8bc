import SystemPackage

/// The `.outtrayignore` files of the folder's directories.
///
/// Each is read when its directory is looked into, and again after each event of it.
///
/// While one cannot be read, nothing in its directory and below counts: it might be what the file ignores. The file is
/// then reported as `unread`.
///
/// What leaves is told all the same, as a file that is ignored by now may be up. Only this program's own patterns keep
/// such an event: no file that they ignore was ever up, but by an exception.
extension FolderWatcher {
    /// The rules for the names in a directory.
    func rules(in id: WatchTree.ID) -> DirectoryRules {
        var rules = DirectoryRules(folder.ignore)
        if tree.ignoreFiles.isEmpty, !folder.ignore.list.hasPaths { return rules }
        var way = [id]
        while let last = way.last, let parent = tree.parent(of: last) { way.append(parent) }
        for id in way.reversed() {
            _ = tree.withName(of: id) { rules.enter($0) }
            if let file = tree.ignoreFiles[id] { rules.take(file) }
        }
        return rules
    }

    /// Whether events of a name do not count, but for those of its end. When the rules become known, a walk finds what
    /// is there.
    func passesOver(_ name: FilePath.Component, in id: WatchTree.ID, isDirectory: Bool) -> Bool {
        let rules = rules(in: id)
        return rules.unknown != nil
            || name.withBorrowedName { folder.passesOver($0, isDirectory: isDirectory, by: rules) }
    }

    /// Notes what the file of a directory says. Returns whether that is news. The caller then walks the directory.
    mutating func note(_ file: IgnoreFile, of id: WatchTree.ID) -> Bool {
        let before = tree.ignoreFiles[id, default: .none]
        guard before != file, let path = tree.path(of: id) else {
            if case .unknown(let error) = file { noteUnknown(error, in: id) }
            return false
        }
        tree.note(file, of: id)
        unread.clear(path.appending(IgnoreFile.name))
        if case .unknown(let error) = file {
            noteUnknown(error, in: id)
        } else if case .unknown = before, !scan.isWalking {
            // Directories below were not watched meanwhile. After a scan, the ledger is compared with the disk.
            times.wantScan(at: clock.now)
        }
        dropIgnored(beneath: id)
        batch.append(.ignoring(folder: folder.name))
        return true
    }

    /// Reads the files again that events told of.
    mutating func readIgnoreFiles() {
        for id in ignoreFilesToRead {
            guard let components = tree.components(of: id) else { continue }
            do throws(Errno) {
                let reader = try DirectoryReader(root: folder.path, components: components)
                if note(.read(in: reader.descriptor, ignoringCase: folder.ignore.ignoresCase), of: id) { walk.add(id) }
            } catch {
                // A directory that vanished is reported by its parent. Any other one is looked into as a whole.
                if !Self.isAbsence(error) { walk.add(id) }
            }
        }
        ignoreFilesToRead = []
    }

    /// Handles a directory that may not be looked into, as it is not known what it ignores. It stays in the tree, and
    /// its known files stay known.
    mutating func holdBack(_ id: WatchTree.ID, _ coverage: Coverage) {
        if coverage == .polled, tree.snapshot(of: id) == nil, let watch = tree.poll(id, from: DirectorySnapshot()) {
            unwatch([watch])
        }
    }

    /// Whether a name has left that the last look at a polled directory saw, and this one did not. A name that is
    /// passed over by now may still be there.
    func hasLeft(_ name: FilePath.Component, from path: FilePath, isDirectory: Bool, _ rules: DirectoryRules) -> Bool {
        guard name.withBorrowedName({ folder.passesOver($0, isDirectory: isDirectory, by: rules) }) else { return true }
        if name.withBorrowedName(IgnoreRules.ignoresByDefault) { return false }
        do throws(Errno) {
            let kind = try FileStatus.of(path.appending(name), beneath: folder.path).kind
            return kind != (isDirectory ? .directory : .regular)
        } catch {
            return FileStatus.meansGone(error) && (try? FileStatus.following(folder.path).kind) == .directory
        }
    }

    private mutating func noteUnknown(_ error: Errno, in id: WatchTree.ID) {
        guard let path = tree.path(of: id) else { return }
        unread.note(path.appending(IgnoreFile.name), IgnoreFile.words(error), scan: scan.number)
        // No event tells of the end of an error of the disk.
        if !IgnoreFile.isOfFile(error) { times.hastenScan(at: clock.now) }
    }

    /// Takes directories out of the tree that are ignored now. Their files have not left.
    private mutating func dropIgnored(beneath top: WatchTree.ID) {
        var rest = [top]
        while let id = rest.popLast() {
            let rules = rules(in: id)
            if rules.unknown != nil { continue }
            for child in tree.children(of: id) {
                guard tree.withName(of: child, { rules.ignores($0, isDirectory: true) }) == true else {
                    rest.append(child)
                    continue
                }
                if let path = tree.path(of: child) { unread.clear(from: path) }
                unwatch(tree.remove(child))
            }
        }
    }
}
