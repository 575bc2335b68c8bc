import Logging
import SystemPackage

/// Decides for each directory whether it is watched or polled.
extension FolderWatcher {
    /// How a directory's changes become known.
    enum Coverage {
        case watched
        case polled
        /// The directory is watched at another path: it is mounted twice, or is one of its own ancestors. Do not enter
        /// it.
        case elsewhere
    }

    /// Watches an open directory if possible. Otherwise sends the reason, once for each cause.
    mutating func watch(_ id: WatchTree.ID, _ reader: DirectoryReader) -> Coverage {
        guard let routes else {
            return poll(id, options.mode == .poll ? .configured : inotifyFailure.map(PollCause.noInotify))
        }
        let inbox = inbox
        switch trust.verdict(on: reader.descriptor, while: { !inbox.isStopped }) {
        case .watch, .undecided: break
        case .watchDespite(let name): tellTrust(in: name, at: id)
        case .poll(let cause): return poll(id, cause)
        }
        if mustStayPolled(id) { return poll(id, nil) }
        if !tree.isWatched(id) && tree.watchCount >= options.maximumWatches { return poll(id, .tooFewWatches) }
        do throws(Errno) {
            let watch = try routes.watch(reader.descriptor, for: inbox) {
                tree.path(of: id) ?? folder.path
            }
            let holder = tree.directory(watchedBy: watch).flatMap { $0 != id ? $0 : nil }
            if let holder, isStill(reader, at: holder) {
                tellElsewhere(id, holder)
                return .elsewhere
            }
            let left = holder.flatMap { tree.place(of: $0) }
            guard case .bound(let ending) = tree.bind(watch, to: id) else { return .elsewhere }
            unwatch(ending)
            if !toldElsewhere.isEmpty, let path = tree.path(of: id) { toldElsewhere.remove(path) }
            // A directory that moved here has left its old place, and another one may be there now. A look at the old
            // place may have been planned or under way. The tree has forgotten it along with the old place, so it is
            // asked for again.
            if let left, tree.contains(left.parent) { walk.add(tree.insert(left.name, in: left.parent)) }
            return .watched
        } catch {
            return poll(id, error == .noSpace ? .tooFewWatches : .refused(error))
        }
    }

    /// Whether the open directory still shows at the path of `holder` as well. Then it has not moved: it is mounted
    /// twice, as by `mount --bind`, and has one watch for both paths.
    private func isStill(_ reader: DirectoryReader, at holder: WatchTree.ID) -> Bool {
        guard let components = tree.components(of: holder),
            let there = try? DirectoryReader(root: folder.path, components: components),
            let identity = there.descriptor.identity
        else { return false }
        return identity == reader.descriptor.identity
    }

    /// Sends once that a directory is passed over, as it is watched at the path of `holder`.
    private mutating func tellElsewhere(_ id: WatchTree.ID, _ holder: WatchTree.ID) {
        guard let path = tree.path(of: id), let other = tree.path(of: holder), toldElsewhere.insert(path).inserted
        else { return }
        tellUnwatched(at: path, "it is the same directory as \(other), which is watched, so it is passed over here")
    }

    /// Notes why a directory is polled; nil: as the one above it. Sends each cause once, unless the configuration
    /// wants it.
    private mutating func poll(_ id: WatchTree.ID, _ cause: PollCause?) -> Coverage {
        tree.noteCause(cause, of: id)
        guard let cause else { return .polled }
        switch cause {
        case .configured: break
        // The end of the scan knows how many watches are needed.
        case .tooFewWatches: if !scan.isWalking { tellTooFewWatches() }
        case .fileSystem, .unheard, .noInotify, .refused:
            tellPolled(cause, "it is", at: tree.path(of: id) ?? folder.path)
        }
        return .polled
    }

    /// Sends that directories are polled for want of watches, and how many are needed.
    mutating func tellTooFewWatches() {
        tellPolled(.tooFewWatches, "some of its directories are", at: folder.path)
    }

    private mutating func tellPolled(_ cause: PollCause, _ subject: String, at path: FilePath) {
        guard told.insert(cause).inserted else { return }
        let directories = tree.watchCount + tree.polled.count
        let others = cause.isOfLimit ? InotifyUse.ofOthers() : nil
        let advice = cause.advice(needing: directories, others: others).map { "; \($0)" } ?? ""
        tellUnwatched(at: path, "\(subject) looked at every \(options.pollInterval), as \(cause.words)\(advice)")
    }

    /// Logs once that a file system is watched that does not tell of all changes.
    private mutating func tellTrust(in fileSystem: String, at id: WatchTree.ID) {
        guard trusted.insert(fileSystem).inserted else { return }
        logger.notice(
            "inotify is relied on (watch: inotify), so changes by others are seen by the hourly scan alone",
            metadata: [
                "folder.name": "\(folder.name)", "file.path": "\(tree.path(of: id) ?? folder.path)",
                "file.system": "\(fileSystem)",
            ]
        )
    }

    /// Whether a watch on the directory would lose something.
    ///
    /// Below a polled directory it would. No event tells of a move of a directory above, so later events would be taken
    /// for those of another place.
    ///
    /// A change from polling to watching forgets the last snapshot. So it waits for a scan: after the scan, a sweep
    /// finds the files that have left.
    private func mustStayPolled(_ id: WatchTree.ID) -> Bool {
        tree.isBelowPolled(id) || scan.isOver && tree.snapshot(of: id) != nil
    }
}
