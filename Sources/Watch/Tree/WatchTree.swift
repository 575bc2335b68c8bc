import SystemPackage

/// The directories of one folder, their places, and how each one's changes become known: by a watch, or by polling.
///
/// A value without descriptors, so each rule is tested by calling it. A directory's number is never used again. Paths
/// are built from names on demand, so a move costs nothing.
struct WatchTree {
    /// A directory, for as long as the tree knows it.
    struct ID: Hashable {
        fileprivate var number: Int
    }

    private struct Directory {
        var parent: ID?
        var name: FilePath.Component?
        var children: [FilePath.Component: ID] = [:]
        var watch: Int32?
        var snapshot: DirectorySnapshot?
        /// The number of the last scan that visited the directory.
        var scan = 0
    }

    /// The folder itself.
    let root = ID(number: 0)
    private let rootPath: FilePath
    private var directories: [ID: Directory]
    private var byWatch: [Int32: ID] = [:]
    private(set) var polled: Set<ID> = []
    private var lastNumber = 0

    init(root path: FilePath) {
        rootPath = path
        directories = [root: Directory()]
    }

    /// The number of directories with a watch.
    var watchCount: Int { byWatch.count }

    /// All watches of the tree.
    var watches: [Int32] { Array(byWatch.keys) }

    func contains(_ id: ID) -> Bool { directories[id] != nil }

    func isWatched(_ id: ID) -> Bool { directories[id]?.watch != nil }

    func directory(watchedBy watch: Int32) -> ID? { byWatch[watch] }

    func snapshot(of id: ID) -> DirectorySnapshot? { directories[id]?.snapshot }

    func child(_ name: FilePath.Component, of id: ID) -> ID? { directories[id]?.children[name] }

    /// The names on the way from the folder to the directory. Nil if the tree does not know the directory (any more).
    func components(of id: ID) -> [FilePath.Component]? {
        var names: [FilePath.Component] = []
        var next = id
        while let directory = directories[next] {
            guard let parent = directory.parent, let name = directory.name else { return names.reversed() }
            names.append(name)
            next = parent
        }
        return nil
    }

    /// The directory's absolute path. Nil if the tree does not know the directory (any more).
    func path(of id: ID) -> FilePath? {
        components(of: id).map { rootPath.appending($0) }
    }

    /// The directory's parent, and its name there. Nil for the folder itself.
    func place(of id: ID) -> (parent: ID, name: FilePath.Component)? {
        guard let directory = directories[id], let parent = directory.parent, let name = directory.name else {
            return nil
        }
        return (parent, name)
    }

    /// The child with that name. An unknown child becomes known.
    mutating func insert(_ name: FilePath.Component, in parent: ID) -> ID {
        if let known = child(name, of: parent) { return known }
        lastNumber += 1
        let id = ID(number: lastNumber)
        directories[id] = Directory(parent: parent, name: name)
        directories[parent]?.children[name] = id
        return id
    }

    /// Forgets a directory and everything beneath it. Returns their watches, so that the kernel forgets them too.
    mutating func remove(_ id: ID) -> [Int32] {
        if let directory = directories[id], let parent = directory.parent, let name = directory.name {
            directories[parent]?.children[name] = nil
        }
        return removeSubtree(id)
    }

    /// Notes that the tree's knowledge of a directory may be wrong, or is about to be forgotten.
    ///
    /// The directory may still be there. If its parent is polled, the next look reports the directory as gone. If the
    /// name is still in use then, the same look reports a new directory.
    mutating func doubt(_ id: ID) {
        guard let parent = directories[id]?.parent, let name = directories[id]?.name else { return }
        directories[parent]?.snapshot?.doubt(name)
    }

    /// Whether the directory's parent is polled.
    func isBelowPolled(_ id: ID) -> Bool {
        directories[id]?.parent.map { polled.contains($0) } ?? false
    }

    /// The result of ``bind(_:to:)``.
    enum Binding: Equatable {
        /// The directory is watched. End these watches of other directories.
        case bound(ending: [Int32])
        /// The directory is one of its own ancestors, mounted once more. Do not enter it.
        case loop
    }

    /// Notes that `watch` is the watch of the directory `id`.
    ///
    /// If another directory had this watch, that directory has moved here. It is forgotten at its old place, with
    /// everything beneath. If `id` had another watch, a different directory has taken its place. Everything known
    /// beneath is forgotten.
    mutating func bind(_ watch: Int32, to id: ID) -> Binding {
        var ending: [Int32] = []
        if let holder = byWatch[watch], holder != id {
            if isAncestor(holder, of: id) { return .loop }
            byWatch[watch] = nil
            directories[holder]?.watch = nil
            doubt(holder)
            ending += remove(holder)
        }
        if let old = directories[id]?.watch, old != watch {
            byWatch[old] = nil
            ending.append(old)
            for child in (directories[id]?.children ?? [:]).values { ending += remove(child) }
        }
        directories[id]?.watch = watch
        directories[id]?.snapshot = nil
        polled.remove(id)
        byWatch[watch] = id
        return .bound(ending: ending)
    }

    /// Notes that the kernel has ended this watch. Returns the directory that had it.
    mutating func unbind(_ watch: Int32) -> ID? {
        guard let id = byWatch.removeValue(forKey: watch) else { return nil }
        directories[id]?.watch = nil
        return id
    }

    /// Notes a directory's entries for polling, as no watch reports its changes. Returns the watch that the directory
    /// had.
    mutating func poll(_ id: ID, from snapshot: DirectorySnapshot) -> Int32? {
        guard let watch = directories[id]?.watch else {
            directories[id]?.snapshot = snapshot
            if contains(id) { polled.insert(id) }
            return nil
        }
        byWatch[watch] = nil
        directories[id]?.watch = nil
        _ = poll(id, from: snapshot)
        return watch
    }

    /// Notes that the scan with this number has visited the directory.
    mutating func visit(_ id: ID, by scan: Int) {
        directories[id]?.scan = scan
    }

    /// Forgets every directory that the scan with this number did not visit. Returns their watches.
    mutating func removeUnvisited(by scan: Int) -> [Int32] {
        let unvisited = directories.filter { $0.key != root && $0.value.scan != scan }.map(\.key)
        return unvisited.flatMap { remove($0) }
    }

    private func isAncestor(_ candidate: ID, of id: ID) -> Bool {
        var next: ID? = id
        while let current = next {
            if current == candidate { return true }
            next = directories[current]?.parent
        }
        return false
    }

    private mutating func removeSubtree(_ top: ID) -> [Int32] {
        var watches: [Int32] = []
        var rest = [top]
        while let id = rest.popLast() {
            guard let directory = directories.removeValue(forKey: id) else { continue }
            polled.remove(id)
            if let watch = directory.watch {
                byWatch[watch] = nil
                watches.append(watch)
            }
            rest.append(contentsOf: directory.children.values)
        }
        return watches
    }
}

extension FilePath {
    /// The path with these components at its end.
    func appending(_ components: [FilePath.Component]) -> FilePath {
        var path = self
        for component in components { path.append(component) }
        return path
    }
}
