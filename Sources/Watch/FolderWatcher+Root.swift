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
                loseRoot("another directory has taken its place and is scanned anew")
            }
            guard root == nil else { return }
            root = (version.device, version.inode)
            startPass()
        } catch {
            loseRoot(error.description)
        }
    }

    /// The folder is not where it was. Nothing is told as gone: a disk that is not mounted has not lost its files.
    mutating func loseRoot(_ cause: String) {
        unwatch(tree.watches)
        tree = WatchTree(root: folder.path)
        walk = Walk()
        pollQueue = []
        pass = .none
        root = nil
        if rootTrouble != cause {
            rootTrouble = cause
            tellUnwatched(
                "\(folder.path) cannot be watched: \(cause); it is looked for again every \(options.pollInterval)"
            )
            batch.append(.scannedInPart(folder: folder.name))
        }
        arrive()
    }
}
