import Logging
import SystemPackage

/// Watches and reads directories in small steps, and counts the scans.
extension FolderWatcher {
    /// Begins a scan of everything, and reports it with its cause. If a scan is walking, another one follows it.
    mutating func beginScan(_ cause: ScanCause) {
        guard root != nil, claimPlace(), scan.begin(cause) else { return }
        report(.scanBegun(folder: folder.name, cause))
        times.planScan(at: clock.now)
        walk.add(tree.root)
    }

    /// Enters the next directory, or reads on in the present one.
    mutating func walkOn() {
        if walk.visit != nil {
            readOn()
        } else if let id = walk.takeNext(), let components = tree.components(of: id) {
            enter(id, components)
        }
    }

    /// Ends the scan when nothing is left to walk.
    mutating func endScanIfDone() {
        guard walk.isIdle else { return }
        if scan.isWalking { unread.clear(metBefore: scan.number) }
        tellUnread()
        if scan.isCatchingUp { return tellScanned() }
        guard let end = scan.endWalk() else { return }
        unwatch(tree.removeUnvisited(by: scan.number))
        switch end {
        case .again(let cause): beginScan(cause)
        case .inPart:
            batch.append(.scannedInPart(folder: folder.name))
            arrive()
        case .whole:
            guard tree.watchCount > 0, let mark = routes?.mark(for: inbox) else { return tellScanned() }
            scan.wait(for: mark)
        }
    }

    private mutating func tellScanned() {
        scan.end()
        let now = clock.now
        gauge.change { $0.lastScan = now }
        rootTrouble = nil
        batch.append(.scanned(folder: folder.name))
        arrive()
    }

    /// Opens the directory, watches it, and only then begins to read it.
    private mutating func enter(_ id: WatchTree.ID, _ components: [FilePath.Component]) {
        do throws(Errno) {
            let reader = try DirectoryReader(root: folder.path, components: components)
            try reader.checkEntering()
            tree.visit(id, by: scan.number)
            switch watch(id, reader, at: folder.path.appending(components)) {
            case .watched: walk.visit = Walk.Visit(id: id, reader: reader)
            case .polled: walk.visit = Walk.Visit(id: id, reader: reader, snapshot: DirectorySnapshot())
            case .loop: unwatch(tree.remove(id))
            }
        } catch {
            failed(id, error)
        }
    }

    private mutating func readOn() {
        guard var visit = walk.visit, let path = tree.path(of: visit.id) else {
            walk.visit = nil
            return
        }
        walk.visit = nil
        do throws(Errno) {
            for _ in 0..<Self.batchSize {
                guard let entry = try visit.reader.next() else { return finish(visit, at: path) }
                if folder.ignore.ignores(entry.name) {
                    noteHidden(entry.name, at: path)
                    continue
                }
                visit.snapshot?.note(entry)
                note(entry, in: visit.id, at: path)
            }
            walk.visit = visit
        } catch {
            failed(visit.id, error)
        }
    }

    /// Sends an ignored name that is one of this program's own.
    private mutating func noteHidden(_ name: FilePath.Component, at path: FilePath) {
        guard folder.hides(name) else { return }
        batch.append(.hidden(path.appending(name), folder: folder.name))
        handOverIfLarge()
    }

    private mutating func note(_ entry: DirectoryReader.Entry, in id: WatchTree.ID, at path: FilePath) {
        switch entry.kind {
        case .regular:
            guard let version = entry.version else { return }
            batch.append(.found(path.appending(entry.name), version, folder: folder.name))
            handOverIfLarge()
        case .directory:
            if folder.recursive { walk.add(tree.insert(entry.name, in: id)) }
        case .other:
            passOver(path.appending(entry.name))
        }
    }

    /// Ends the reading of a directory. Of a polled directory, this snapshot is the one for the next comparison. If it
    /// was polled before, sends the changes since the last look, as no later look can know them.
    private mutating func finish(_ visit: Walk.Visit, at path: FilePath) {
        // Files that may not be looked at have not left.
        if visit.reader.denied > 0 { return close(visit.id) }
        unread.clear(path)
        guard let snapshot = visit.snapshot else { return }
        if let before = tree.snapshot(of: visit.id) {
            tell(before.difference(to: snapshot), in: visit.id, at: path, snapshot)
        }
        if let watch = tree.poll(visit.id, from: snapshot) { unwatch([watch]) }
    }

    /// Handles a directory that could not be read.
    ///
    /// - A vanished directory is no failure. Its parent reports the loss and the return, even a return before the
    ///   parent's next look.
    /// - A directory without permission is reported as `unread`. The sweep sees that its files cannot be looked at.
    /// - Any other error says nothing about the files. So the scan does not end with `scanned`.
    private mutating func failed(_ id: WatchTree.ID, _ error: Errno) {
        if id == tree.root { return loseRoot(error.description) }
        if error == .permissionDenied { return close(id) }
        let path = tree.path(of: id)
        if Self.isAbsence(error) { tree.doubt(id) }
        unwatch(tree.remove(id))
        if Self.isAbsence(error) { return }
        if let path { noteUnread(path, error) }
        times.hastenScan(at: clock.now)
        scan.leaveOut()
    }
}
