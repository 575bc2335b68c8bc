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
                "\(path) is on \(name), which does not tell of all changes;"
                    + " it is looked at every \(options.pollInterval)"
            )
            return .polled
        }
        if !tree.isWatched(id) && tree.watchCount >= options.maximumWatches {
            tellTooFewWatches()
            return .polled
        }
        do throws(Errno) {
            let watch = try routes.watch(reader.descriptor, at: path, for: inbox)
            guard case .bound(let ending) = tree.bind(watch, to: id) else { return .loop }
            unwatch(ending)
            return .watched
        } catch {
            if error == .noSpace {
                tellTooFewWatches()
            } else {
                tellUnwatched(
                    .refused(error),
                    "\(path) cannot be watched (\(error)); it is looked at every \(options.pollInterval)"
                )
            }
            return .polled
        }
    }

    private mutating func tellTooFewWatches() {
        let limit = InotifyLimit.watches
        tellUnwatched(
            .tooFewWatches,
            "too few inotify watches: some directories of \(folder.path) are looked at every \(options.pollInterval)"
                + " instead; \(limit.advice(current: limit.current()))"
        )
    }
}
