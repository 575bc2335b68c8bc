import SystemPackage

/// The directories of one folder: where each is, and how one hears of it (a watch, or else a snapshot to poll by).
///
/// A value without descriptors, so that each rule is tested by calling it. Directories are known by numbers that are
/// never used again; a path is put together from names when it is asked for, so a move costs nothing.
struct WatchTree {
    /// One directory, for as long as it is known.
    struct ID: Hashable {
        fileprivate var number: Int
    }

    private struct Directory {
        var parent: ID?
        var name: FilePath.Component?
        var children: [FilePath.Component: ID] = [:]
        var watch: Int32?
        var snapshot: DirectorySnapshot?
        /// The last pass that visited it.
        var pass = 0
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

    /// How many directories have a watch.
    var watchCount: Int { byWatch.count }

    /// All watches there are.
    var watches: [Int32] { Array(byWatch.keys) }

    func contains(_ id: ID) -> Bool { directories[id] != nil }

    func isWatched(_ id: ID) -> Bool { directories[id]?.watch != nil }

    func directory(watchedBy watch: Int32) -> ID? { byWatch[watch] }

    func snapshot(of id: ID) -> DirectorySnapshot? { directories[id]?.snapshot }

    func child(_ name: FilePath.Component, of id: ID) -> ID? { directories[id]?.children[name] }

    /// The names on the way from the folder to the directory; nil if it is not known (any more).
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

    /// The directory's absolute path; nil if it is not known (any more).
    func path(of id: ID) -> FilePath? {
        components(of: id).map { rootPath.appending($0) }
    }

    /// The directory that this one lies in, and its name there; nil for the folder itself.
    func place(of id: ID) -> (parent: ID, name: FilePath.Component)? {
        guard let directory = directories[id], let parent = directory.parent, let name = directory.name else {
            return nil
        }
        return (parent, name)
    }

    /// The child of that name, which becomes known if it was not.
    mutating func insert(_ name: FilePath.Component, in parent: ID) -> ID {
        if let known = child(name, of: parent) { return known }
        lastNumber += 1
        let id = ID(number: lastNumber)
        directories[id] = Directory(parent: parent, name: name)
        directories[parent]?.children[name] = id
        return id
    }

    /// Forgets a directory and all beneath it; returns their watches, for the kernel to forget as well.
    mutating func remove(_ id: ID) -> [Int32] {
        if let directory = directories[id], let parent = directory.parent, let name = directory.name {
            directories[parent]?.children[name] = nil
        }
        return removeSubtree(id)
    }

    /// Notes that what is known of the directory may be wrong, or is about to be forgotten although it may still be
    /// there: to the next look at its parent, if that is polled, it is gone, and new if there is one of that name.
    mutating func doubt(_ id: ID) {
        guard let parent = directories[id]?.parent, let name = directories[id]?.name else { return }
        directories[parent]?.snapshot?.doubt(name)
    }

    /// Whether the directory lies in a polled one.
    func isBelowPolled(_ id: ID) -> Bool {
        directories[id]?.parent.map { polled.contains($0) } ?? false
    }

    /// What came of ``bind(_:to:)``.
    enum Binding: Equatable {
        /// The directory is watched; these watches of others are to be ended.
        case bound(ending: [Int32])
        /// The directory is one of those it lies in, mounted once more: it is not to be entered.
        case loop
    }

    /// Notes that `watch` is the watch of the directory `id`.
    ///
    /// If another directory had it, that one has moved here, and is forgotten at its old place with all beneath it. If
    /// `id` had another watch, a different directory has taken its place, and what was known beneath is forgotten.
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

    /// Notes that the kernel has ended the directory's watch.
    mutating func unbind(_ watch: Int32) -> ID? {
        guard let id = byWatch.removeValue(forKey: watch) else { return nil }
        directories[id]?.watch = nil
        return id
    }

    /// Notes what the directory held, since no watch will tell of changes; returns the watch it had.
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

    /// Notes that the pass of that number has visited the directory.
    mutating func visit(_ id: ID, pass: Int) {
        directories[id]?.pass = pass
    }

    /// Forgets all directories that the pass of that number did not visit; returns their watches.
    mutating func removeUnvisited(pass: Int) -> [Int32] {
        let unvisited = directories.filter { $0.key != root && $0.value.pass != pass }.map(\.key)
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
    /// The path with these components behind it.
    func appending(_ components: [FilePath.Component]) -> FilePath {
        var path = self
        for component in components { path.append(component) }
        return path
    }
}
