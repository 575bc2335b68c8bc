import Logging
import SystemPackage

/// The folder's own path: does it lead to the same directory as before?
extension FolderWatcher {
    /// Where the folder's path led to.
    struct Root: Equatable {
        let directory: FileIdentity
        /// The folder's path without links.
        let path: FilePath?
    }

    /// What the folder was on.
    struct Home {
        let device: UInt64
        /// Whether something was mounted at the folder's very path.
        let isMountPoint: Bool
    }

    /// Looks where the folder's path leads. If it leads elsewhere or nowhere, drops all watches, and begins anew if
    /// possible.
    ///
    /// The look by path shows changes that inotify does not report: a renamed parent, or a file system mounted on top.
    mutating func checkRoot() {
        do throws(Errno) {
            let (kind, version, _) = try FileStatus.following(folder.path)
            guard kind == .directory else { return loseRoot("it is not a directory") }
            if isBareMountPoint(on: version.device) {
                return loseRoot("its file system is not mounted: an empty directory shows in its place")
            }
            let now = Root(directory: FileIdentity(version), path: FileStatus.realPath(of: folder.path))
            if let root, root.directory != now.directory {
                letGo()
                tellUnwatched(
                    at: folder.path,
                    "another directory has taken its place, and is scanned and watched instead"
                )
            }
            // By a changed link, or another name of a directory above, the same directory may lie elsewhere by now.
            guard root != now else { return }
            root = now
            home = Home(device: version.device, isMountPoint: FileStatus.isMountPoint(folder.path))
            beginScan(.arrival)
        } catch {
            loseRoot(error.description)
        }
    }

    /// Whether the directory at the folder's path is what remains when the folder's file system is unmounted. It is
    /// empty, and not itself the top of a mount. Before, it was the top of a mount, or on another device. A bind mount
    /// may be of the same device.
    private func isBareMountPoint(on device: UInt64) -> Bool {
        guard let home, home.isMountPoint || home.device != device else { return false }
        if FileStatus.isMountPoint(folder.path) { return false }
        do throws(Errno) {
            return try DirectoryReader(root: folder.path).next() == nil
        } catch {
            return false
        }
    }

    /// Takes the folder's place, so that no other folder has the same files. If another one has them already, this
    /// folder is not watched. Returns whether the place is taken.
    mutating func claimPlace() -> Bool {
        let place = DirectoryPlace(of: folder.path)
        hasMounts = place.hasMounts
        noteMountPoints(of: place)
        let reason = places.claim(place, of: folder.name, for: inbox)
        if let reason { loseRoot(reason) }
        return reason == nil
    }

    /// Notes what is mounted beneath the folder, as paths beneath the folder's own path.
    private mutating func noteMountPoints(of place: DirectoryPlace) {
        for var point in place.mountPoints where point.removePrefix(place.path) {
            mountPoints.insert(folder.path.appending(Array(point.components)))
        }
    }

    /// Handles the mounting or unmounting of file systems at these places.
    mutating func handleMounts(_ points: Set<FilePath>) {
        if points.isEmpty { return }
        let path = FileStatus.realPath(of: folder.path) ?? folder.path
        if points.contains(where: { path.starts(with: $0) }) { checkRoot() }
        if points.contains(where: { $0.starts(with: path) }) { beginScan(.mount) }
    }

    /// Handles a folder that is not in its place or cannot be read. No file is reported as gone: an unmounted disk has
    /// not lost its files.
    mutating func loseRoot(_ cause: String) {
        letGo()
        unread.note(folder.path, cause, scan: scan.number)
        tellUnread()
        if rootTrouble != cause {
            rootTrouble = cause
            tellUnwatched(
                at: folder.path,
                "it cannot be watched: \(explain(folder.path) ?? cause); it is looked for again every \(options.rootInterval)"
            )
            batch.append(.scannedInPart(folder: folder.name))
        }
        arrive()
    }

    /// Drops all watches, and all that is known of the folder.
    private mutating func letGo() {
        unwatch(tree.watches)
        tree = WatchTree(root: folder.path)
        ignoreFilesToRead = []
        walk = Walk()
        pollQueue = []
        scan.end()
        times.endScan(at: clock.now)
        root = nil
        places.leave(inbox)
        unread.clear(from: folder.path)
    }
}
