import Logging
import SystemPackage

/// The folder's own path: whether it leads to the same directory as before.
extension FolderWatcher {
    /// Looks where the path leads; if elsewhere or nowhere, lets go of what was watched, and begins anew where it can.
    ///
    /// Asking by path shows what inotify does not tell: a parent renamed, another file system mounted on top.
    mutating func checkRoot() {
        do throws(Errno) {
            let (kind, version) = try FileStatus.following(folder.path)
            guard kind == .directory else { return loseRoot("it is not a directory") }
            if let root, root.device != version.device || root.inode != version.inode {
                letGo()
                tellUnwatched(
                    at: folder.path,
                    "another directory has taken its place, and is scanned and watched instead"
                )
            }
            guard root == nil else { return }
            root = (version.device, version.inode)
            startPass()
        } catch {
            loseRoot(error.description)
        }
    }

    /// File systems were mounted, or unmounted, at these places.
    mutating func handleMounts(_ points: Set<FilePath>) {
        if points.isEmpty { return }
        let path = FileStatus.realPath(of: folder.path) ?? folder.path
        if points.contains(where: { path.starts(with: $0) }) { checkRoot() }
        if points.contains(where: { $0.starts(with: path) }) { startPass() }
    }

    /// The folder is not where it was, or cannot be read. Nothing is told as gone: a disk that is not mounted has not lost its
    /// files.
    mutating func loseRoot(_ cause: String) {
        letGo()
        unread.note(folder.path, cause, pass: passNumber)
        tellUnread()
        if rootTrouble != cause {
            rootTrouble = cause
            tellUnwatched(
                at: folder.path,
                "it cannot be watched: \(cause); it is looked for again every \(options.pollInterval)"
            )
            batch.append(.scannedInPart(folder: folder.name))
        }
        arrive()
    }

    /// Lets go of all that is watched, and of what is known of it.
    private mutating func letGo() {
        unwatch(tree.watches)
        tree = WatchTree(root: folder.path)
        walk = Walk()
        pollQueue = []
        pass = .none
        root = nil
        unread.clear(from: folder.path)
    }
}
