import Logging
import SystemPackage

/// Directories that cannot be looked through: they are told, and looked through once they open.
///
/// The kernel tells of changes in a directory that may not be read any more, but what changed there cannot be looked at.
/// What makes it readable again is a change of its attributes, or of those of a directory above it.
extension FolderWatcher {
    /// A directory could not be looked through.
    mutating func noteUnread(_ path: FilePath, _ error: Errno) {
        unread.note(path, error.description, pass: passNumber)
    }

    /// A directory that may not be read, or not entered: it keeps its place in the tree, and what is known of its files
    /// stays true. Where no event would tell that it opens, it is polled.
    mutating func close(_ id: WatchTree.ID) {
        guard let path = tree.path(of: id) else { return }
        noteUnread(path, .permissionDenied)
        tree.visit(id, pass: passNumber)
        let isHeardOf = tree.isWatched(id) || tree.place(of: id).map { tree.isWatched($0.parent) } ?? false
        if !isHeardOf, tree.snapshot(of: id) == nil { _ = tree.poll(id, from: DirectorySnapshot()) }
    }

    /// A directory's attributes changed: it may be closed now, or open again.
    mutating func lookWhetherOpen(_ id: WatchTree.ID) {
        guard let components = tree.components(of: id) else { return }
        let path = folder.path.appending(components)
        do throws(Errno) {
            try DirectoryReader(root: folder.path, components: components).checkEntering()
            guard unread.clear(from: path) else { return }
            if id == tree.root { startPass() } else { walk.add(id) }
        } catch {
            guard error == .permissionDenied else { return }
            if id == tree.root { loseRoot(error.description) } else { noteUnread(path, error) }
        }
    }

    /// A file that an event told of cannot be looked at by its path. If it is not there any more, the event that says so is
    /// on its way.
    mutating func missed(in id: WatchTree.ID, _ error: Errno) {
        if Self.isAbsence(error) { return }
        if error == .permissionDenied, let path = tree.path(of: id) {
            noteUnread(path, error)
        } else {
            // Its directory can be opened step by step, whatever the path's length, and shows what is there.
            walk.add(id)
        }
    }

    /// Tells what could not be looked through, if that is news; not in the middle of a walk, which finds more of it.
    mutating func tellUnread() {
        if let news = unread.news() { batch.append(.unread(news, folder: folder.name)) }
    }

    /// The directory vanished, or something else has taken its place.
    static func isAbsence(_ error: Errno) -> Bool {
        error == .noSuchFileOrDirectory || error == .notDirectory || error == .tooManySymbolicLinkLevels
    }
}
