import Logging
import SystemPackage
import Threads

/// Watches and reads directories in small steps, and counts the scans.
extension FolderWatcher {
    /// Begins a scan of everything, and reports it with its cause. If a scan is walking, another one follows it.
    mutating func beginScan(_ cause: ScanCause) {
        guard root != nil, claimPlace(), scan.begin(cause) else { return }
        report(.scanBegun(folder: folder.name, cause))
        trust.forget(keepingSilent: cause == .overflow)
        batch.append(.scanning(folder: folder.name))
        times.beginScan(at: clock.now)
        walk.add(tree.root)
    }

    /// Enters directories and reads on for a few milliseconds. Events come in between.
    mutating func walkOn() {
        let begun = clock.now
        repeat {
            if walk.visit == nil, let id = walk.takeNext() { enter(id) }
            readOn()
        } while !walk.isIdle && mayGather && begun.duration(to: clock.now) < Self.longestRound
    }

    /// Ends the scan when nothing is left to walk.
    mutating func endScanIfDone() {
        guard walk.isIdle else { return }
        walk.letGo()
        if let due = walkedIsDue, due <= clock.now {
            walkedIsDue = nil
            batch.append(.walked(folder: folder.name))
        }
        if scan.isWalking { unread.clear(metBefore: scan.number) }
        tellUnread()
        if scan.isCatchingUp { return tellScanned() }
        guard let end = scan.endWalk() else { return }
        times.endScan(at: clock.now)
        if tree.pollCauses[.tooFewWatches] != nil { tellTooFewWatches() }
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
    private mutating func enter(_ id: WatchTree.ID) {
        pulse.beat()
        do throws(Errno) {
            guard let reader = try open(id) else { return }
            try reader.checkEntering()
            tree.visit(id, by: scan.number)
            let coverage = watch(id, reader)
            if coverage == .elsewhere { return unwatch(tree.remove(id)) }
            // After the watch: a change from now on is an event.
            _ = note(.read(in: reader.descriptor, ignoringCase: folder.ignore.ignoresCase), of: id)
            let rules = rules(in: id)
            if rules.unknown != nil { return holdBack(id, coverage) }
            let snapshot = coverage == .polled ? DirectorySnapshot(on: reader.descriptor, isRoot: id == tree.root) : nil
            walk.visit = Walk.Visit(id: id, reader: reader, rules: rules, snapshot: snapshot)
        } catch {
            failed(id, error)
        }
    }

    /// Opens a directory from the one above, if that is open still; otherwise beneath the folder. Nil if the tree does
    /// not know it any more.
    ///
    /// The one above may have been replaced meanwhile (`ESTALE` on NFS). So only the way by names tells of a failure.
    private mutating func open(_ id: WatchTree.ID) throws(Errno) -> DirectoryReader? {
        if let parent = tree.parent(of: id), let above = walk.held(parent),
            let reader = tree.withName(of: id, { try? DirectoryReader($0, in: above) }) ?? nil
        {
            return reader
        }
        guard let components = tree.components(of: id) else { return nil }
        return try DirectoryReader(root: folder.path, components: components)
    }

    private mutating func readOn() {
        guard var visit = walk.visit else { return }
        walk.visit = nil
        guard tree.contains(visit.id) else { return }
        var found: FoundFiles?
        do throws(Errno) {
            let begun = clock.now
            for count in 1...Self.batchSize {
                guard let entry = try visit.reader.next() else {
                    tell(found)
                    return finish(visit)
                }
                pulse.beat()
                if folder.passesOver(entry.name, isDirectory: entry.kind == .directory, by: visit.rules) {
                    noteHidden(entry.name, in: visit.id)
                } else if let failure = entry.failure {
                    leaveOut(entry.name, failure, in: &visit)
                } else {
                    visit.snapshot?.note(entry)
                    note(entry, in: &visit, &found)
                }
                // Many patterns, or a slow disk, may make each name cost much. Events come in between.
                if count.isMultiple(of: 16), begun.duration(to: clock.now) >= Self.longestRound { break }
            }
            tell(found)
            walk.visit = visit
        } catch {
            tell(found)
            failed(visit.id, error)
        }
    }

    /// Sends found files before any event that comes after the look.
    mutating func tell(_ found: FoundFiles?) {
        guard let found, !found.isEmpty else { return }
        batch.append(.found(found))
        handOverIfLarge()
    }

    /// Sends an ignored name that is one of this program's own.
    private mutating func noteHidden(_ name: BorrowedName, in id: WatchTree.ID) {
        guard folder.hides(name), let name = name.component, let path = tree.path(of: id) else { return }
        batch.append(.hidden(path.appending(name), folder: folder.name))
        handOverIfLarge()
    }

    private mutating func note(_ entry: DirectoryReader.Entry, in visit: inout Walk.Visit, _ found: inout FoundFiles?) {
        switch entry.kind {
        case .regular:
            guard let version = entry.version else { return }
            if found == nil { found = tree.path(of: visit.id).map { FoundFiles(in: $0, folder: folder.name) } }
            found?.append(entry.name, version)
        case .directory:
            guard folder.recursive else { return }
            walk.add(tree.insert(entry.name, in: visit.id))
            visit.hasDirectories = true
        case .other:
            if let name = entry.name.component, let path = tree.path(of: visit.id) { passOver(path.appending(name)) }
        }
    }

    /// Handles a file that cannot be looked at. The other files of its directory count.
    private func leaveOut(_ name: BorrowedName, _ error: Errno, in visit: inout Walk.Visit) {
        visit.snapshot?.keep(name, from: tree.snapshot(of: visit.id))
        if visit.unseen == nil { visit.unseen = name.component.map { UnseenFile(name: $0, error: error) } }
    }

    /// Ends the reading of a directory. Of a polled directory, this snapshot is the one for the next comparison. If it
    /// was polled before, sends the changes since the last look, as no later look can know them.
    private mutating func finish(_ visit: Walk.Visit) {
        // Files that may not be looked at have not left.
        if visit.reader.denied > 0 { return close(visit.id) }
        if visit.hasDirectories { walk.hold(visit) }
        if !unread.isEmpty || visit.unseen != nil, let path = tree.path(of: visit.id) {
            noteRead(path, but: visit.unseen)
            if visit.unseen != nil { tryAgainSoon() }
        }
        guard let snapshot = visit.snapshot else { return }
        if let before = tree.snapshot(of: visit.id), let path = tree.path(of: visit.id) {
            if !before.isApart(from: snapshot) {
                tell(before.difference(to: snapshot), in: visit.id, at: path, snapshot)
            } else if !scan.isWalking {
                beginScan(.mount)
            }
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
        tryAgainSoon()
    }

    /// Has the next scan come soon, and this one not count as whole. No event tells of the end of a disk's error.
    private mutating func tryAgainSoon() {
        times.hastenScan(at: clock.now)
        scan.leaveOut()
    }
}
