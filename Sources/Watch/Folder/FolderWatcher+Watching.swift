import Logging
import SystemPackage

/// Decides for each directory whether it is watched or polled.
extension FolderWatcher {
    /// How a directory's changes become known.
    enum Coverage {
        case watched
        case polled
        /// The directory is one of its own ancestors, mounted once more.
        case loop
    }

    /// Watches an open directory if possible. Otherwise sends the reason, once for each cause.
    mutating func watch(_ id: WatchTree.ID, _ reader: DirectoryReader) -> Coverage {
        guard let routes, !options.pollsOnly else { return .polled }
        if case .silent(let name) = FileSystemKind.of(reader.descriptor) {
            tellUnwatched(
                .fileSystem(name),
                at: tree.path(of: id) ?? folder.path,
                "it is on \(name), which does not tell of all changes; it is looked at every \(options.pollInterval)"
            )
            return .polled
        }
        if mustStayPolled(id) { return .polled }
        if !tree.isWatched(id) && tree.watchCount >= options.maximumWatches {
            tellTooFewWatches()
            return .polled
        }
        do throws(Errno) {
            let watch = try routes.watch(reader.descriptor, for: inbox) {
                tree.path(of: id) ?? folder.path
            }
            let holder = tree.directory(watchedBy: watch).flatMap { $0 != id ? $0 : nil }
            let left = holder.flatMap { tree.place(of: $0) }
            guard case .bound(let ending) = tree.bind(watch, to: id) else { return .loop }
            unwatch(ending)
            // A directory that moved here has left its old place, and another one may be there now. A look at the old
            // place may have been planned or under way. The tree has forgotten it along with the old place, so it is
            // asked for again.
            if let left, tree.contains(left.parent) { walk.add(tree.insert(left.name, in: left.parent)) }
            return .watched
        } catch {
            if error == .noSpace {
                tellTooFewWatches()
            } else {
                tellUnwatched(
                    .refused(error),
                    at: tree.path(of: id) ?? folder.path,
                    "it cannot be watched (\(error)); it is looked at every \(options.pollInterval)"
                )
            }
            return .polled
        }
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

    private mutating func tellTooFewWatches() {
        let limit = InotifyLimit.watches
        tellUnwatched(
            .tooFewWatches,
            at: folder.path,
            "too few inotify watches: some of its directories are looked at every \(options.pollInterval)"
                + " instead; \(limit.advice(current: limit.current()))"
        )
    }
}
