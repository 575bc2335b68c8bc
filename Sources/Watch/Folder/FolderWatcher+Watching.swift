import Logging
import SystemPackage

/// Decides for each directory whether it is watched or polled.
extension FolderWatcher {
    /// How one hears of changes in a directory.
    enum Coverage {
        case watched
        case polled
        /// It is one of those it lies in, mounted once more.
        case loop
    }

    /// Watches an open directory where that is possible, and says once why, where it is not.
    mutating func watch(_ id: WatchTree.ID, _ reader: DirectoryReader, at path: FilePath) -> Coverage {
        guard let routes, !options.pollsOnly else { return .polled }
        if case .silent(let name) = FileSystemKind.of(reader.descriptor) {
            tellUnwatched(
                .fileSystem(name),
                at: path,
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
            let watch = try routes.watch(reader.descriptor, at: path, for: inbox)
            let holder = tree.directory(watchedBy: watch).flatMap { $0 != id ? $0 : nil }
            let left = holder.flatMap { tree.place(of: $0) }
            guard case .bound(let ending) = tree.bind(watch, to: id) else { return .loop }
            unwatch(ending)
            // What moved here left its place, and another directory may be there: if that was to be looked at, or was being
            // read, the look went with what is forgotten of it.
            if let left, tree.contains(left.parent) { walk.add(tree.insert(left.name, in: left.parent)) }
            return .watched
        } catch {
            if error == .noSpace {
                tellTooFewWatches()
            } else {
                tellUnwatched(
                    .refused(error),
                    at: path,
                    "it cannot be watched (\(error)); it is looked at every \(options.pollInterval)"
                )
            }
            return .polled
        }
    }

    /// Whether a watch of the directory would lose something.
    ///
    /// Below a polled directory it would: nothing tells of a move of any directory above, and the events in between would
    /// be taken for those of another place. And a change from polling to watching forgets what was seen at the last look,
    /// so it has to wait for a pass, at whose end is asked what has left.
    private func mustStayPolled(_ id: WatchTree.ID) -> Bool {
        tree.isBelowPolled(id) || pass == .none && tree.snapshot(of: id) != nil
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
