import Logging
import SystemPackage

/// The folder's own path: does it lead to the same directory as before?
extension FolderWatcher {
    /// Looks where the folder's path leads. If it leads elsewhere or nowhere, drops all watches, and begins anew if
    /// possible.
    ///
    /// The look by path shows changes that inotify does not report: a renamed parent, or a file system mounted on top.
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

    /// Handles the mounting or unmounting of file systems at these places.
    mutating func handleMounts(_ points: Set<FilePath>) {
        if points.isEmpty { return }
        let path = FileStatus.realPath(of: folder.path) ?? folder.path
        if points.contains(where: { path.starts(with: $0) }) { checkRoot() }
        if points.contains(where: { $0.starts(with: path) }) { startPass() }
    }

    /// Handles a folder that is not in its place or cannot be read. No file is reported as gone: an unmounted disk has
    /// not lost its files.
    mutating func loseRoot(_ cause: String) {
        letGo()
        unread.note(folder.path, cause, pass: passNumber)
        tellUnread()
        if rootTrouble != cause {
            rootTrouble = cause
            tellUnwatched(
                at: folder.path,
                "it cannot be watched: \(explain(folder.path) ?? cause); it is looked for again every \(options.pollInterval)"
            )
            batch.append(.scannedInPart(folder: folder.name))
        }
        arrive()
    }

    /// Drops all watches, and all that is known of the folder.
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
