import Logging
import SystemPackage

/// Directories that cannot be read. They are reported as `unread`, and read when they open again. So is a file that
/// cannot be looked at in a directory that can be read.
///
/// The kernel still sends events for a directory that may no longer be read. But nobody can look at the changes. The
/// directory becomes readable by a change of its own attributes, or of those of a directory above.
extension FolderWatcher {
    /// Notes that a directory could not be read.
    mutating func noteUnread(_ path: FilePath, _ error: Errno) {
        unread.note(path, error.description, scan: scan.number)
    }

    /// Notes that a directory was read, and which of its files could not be looked at.
    mutating func noteRead(_ directory: FilePath, but unseen: UnseenFile?) {
        let file = unseen.map { directory.appending($0.name) }
        unread.clear(directory, keeping: file)
        guard let file, let unseen else { return }
        unread.note(file: file, "\(unseen.error) (at this file alone)", scan: scan.number)
    }

    /// Handles a directory that may not be read or entered. It stays in the tree, and its known files stay known. It is
    /// polled where no event would tell of its opening.
    mutating func close(_ id: WatchTree.ID) {
        guard let path = tree.path(of: id) else { return }
        noteUnread(path, .permissionDenied)
        tree.visit(id, by: scan.number)
        let isHeardOf = tree.isWatched(id) || tree.place(of: id).map { tree.isWatched($0.parent) } ?? false
        if !isHeardOf, tree.snapshot(of: id) == nil { _ = tree.poll(id, from: DirectorySnapshot()) }
    }

    /// Handles a change of a directory's attributes. The directory may be closed now, or open again.
    mutating func lookWhetherOpen(_ id: WatchTree.ID) {
        guard let components = tree.components(of: id) else { return }
        let path = folder.path.appending(components)
        do throws(Errno) {
            try DirectoryReader(root: folder.path, components: components).checkEntering()
            guard unread.clear(from: path) else { return }
            if id == tree.root { beginScan(.opened) } else { walk.add(id) }
        } catch {
            guard error == .permissionDenied else { return }
            if id == tree.root { loseRoot(error.description) } else { noteUnread(path, error) }
        }
    }

    /// Handles a file that an event named but a look could not reach. If the file is gone, the event for that is on its
    /// way.
    mutating func missed(in id: WatchTree.ID, _ error: Errno) {
        if Self.isAbsence(error) { return }
        if error == .permissionDenied, let path = tree.path(of: id) {
            noteUnread(path, error)
        } else {
            // The path may be too long for one look. A walk opens the directory step by step and sees its files.
            walk.add(id)
        }
    }

    /// Sends what could not be read, if that changed. Not for the middle of a walk: the walk may find more.
    mutating func tellUnread() {
        guard var news = unread.news() else { return }
        if let path = news?.first, !unread.isFile(path), path.lastComponent != IgnoreFile.name,
            let reason = explain(path)
        {
            news?.reason = reason
        }
        batch.append(.unread(news, folder: folder.name))
    }

    /// Whether the error means that the directory is gone, or that something else has taken its place.
    static func isAbsence(_ error: Errno) -> Bool {
        error == .noSuchFileOrDirectory || error == .notDirectory || error == .tooManySymbolicLinkLevels
    }
}
