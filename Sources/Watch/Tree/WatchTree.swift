import Glibc
import SystemPackage

/// The directories of one folder, their places, and how each one's changes become known: by a watch, or by polling.
///
/// A value without descriptors, so each rule is tested by calling it. Paths are built from names on demand, so a move
/// costs nothing.
struct WatchTree {
    typealias ID = DirectoryNodes.ID

    private let rootPath: FilePath
    private var nodes = DirectoryNodes()
    private var byWatch: [Int32: ID] = [:]
    private var snapshots: [ID: DirectorySnapshot] = [:]
    private(set) var polled: Set<ID> = []
    /// Why a directory is polled, as far as it is known.
    private var causes: [ID: PollCause] = [:]
    /// How many polled directories each cause has.
    private(set) var pollCauses: [PollCause: Int] = [:]
    /// What the `.outtrayignore` files say, by the directories that have one.
    private(set) var ignoreFiles: [ID: IgnoreFile] = [:]

    init(root path: FilePath) {
        rootPath = path
    }

    /// The folder itself.
    var root: ID { nodes.root }

    /// The number of directories with a watch.
    var watchCount: Int { byWatch.count }

    /// All watches of the tree.
    var watches: [Int32] { Array(byWatch.keys) }

    func contains(_ id: ID) -> Bool { nodes.contains(id) }

    func isWatched(_ id: ID) -> Bool { nodes.watch(of: id) != nil }

    func directory(watchedBy watch: Int32) -> ID? { byWatch[watch] }

    func snapshot(of id: ID) -> DirectorySnapshot? { snapshots.isEmpty ? nil : snapshots[id] }

    func child(_ name: FilePath.Component, of id: ID) -> ID? { name.withBorrowedName { nodes.child($0, of: id) } }

    func parent(of id: ID) -> ID? { nodes.parent(of: id) }

    func children(of id: ID) -> [ID] { nodes.children(of: id) }

    /// Hands over the directory's name in its parent. Nil for the folder itself.
    func withName<Result>(of id: ID, _ body: (BorrowedName) -> Result) -> Result? { nodes.withName(of: id, body) }

    /// The names on the way from the folder to the directory. Nil if the tree does not know the directory (any more).
    func components(of id: ID) -> [FilePath.Component]? {
        nodes.trail(of: id).map { trail in
            trail.isEmpty ? [] : Array(FilePath(platformString: trail + [0]).components)
        }
    }

    /// The directory's absolute path. Nil if the tree does not know the directory (any more).
    func path(of id: ID) -> FilePath? {
        nodes.trail(of: id).map { trail in
            if trail.isEmpty { return rootPath }
            return rootPath.withPlatformString { root in
                FilePath(platformString: UnsafeBufferPointer(start: root, count: strlen(root)) + trail + [0])
            }
        }
    }

    /// The directory's parent, and its name there. Nil for the folder itself.
    func place(of id: ID) -> (parent: ID, name: FilePath.Component)? {
        guard let parent = nodes.parent(of: id), let name = nodes.name(of: id) else { return nil }
        return (parent, name)
    }

    /// The child with that name. An unknown child becomes known, if its parent is known.
    mutating func insert(_ name: FilePath.Component, in parent: ID) -> ID {
        name.withBorrowedName { nodes.insert($0, in: parent) }
    }

    mutating func insert(_ name: BorrowedName, in parent: ID) -> ID {
        nodes.insert(name, in: parent)
    }

    /// Forgets a directory and everything beneath it. Returns their watches, so that the kernel forgets them too.
    mutating func remove(_ id: ID) -> [Int32] {
        // Top down for their watches, and then bottom up.
        var all = nodes.contains(id) ? [id] : []
        var next = 0
        while next < all.count {
            all += nodes.children(of: all[next])
            next += 1
        }
        var watches: [Int32] = []
        for id in all.reversed() {
            endPolling(id)
            if !ignoreFiles.isEmpty { ignoreFiles[id] = nil }
            if let watch = nodes.watch(of: id) {
                byWatch[watch] = nil
                watches.append(watch)
            }
            nodes.remove(id)
        }
        return watches
    }

    /// Notes that the tree's knowledge of a directory may be wrong, or is about to be forgotten.
    ///
    /// The directory may still be there. If its parent is polled, the next look reports the directory as gone. If the
    /// name is still in use then, the same look reports a new directory.
    mutating func doubt(_ id: ID) {
        if snapshots.isEmpty { return }
        guard let parent = nodes.parent(of: id), let name = nodes.name(of: id) else { return }
        snapshots[parent]?.doubt(name)
    }

    /// Whether the directory's parent is polled.
    func isBelowPolled(_ id: ID) -> Bool {
        !polled.isEmpty && nodes.parent(of: id).map(polled.contains) ?? false
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
            nodes.setWatch(nil, of: holder)
            doubt(holder)
            ending += remove(holder)
        }
        if let old = nodes.watch(of: id), old != watch {
            byWatch[old] = nil
            ending.append(old)
            for child in nodes.children(of: id) { ending += remove(child) }
        }
        nodes.setWatch(watch, of: id)
        endPolling(id)
        byWatch[watch] = id
        return .bound(ending: ending)
    }

    /// Notes that the kernel has ended this watch. Returns the directory that had it.
    mutating func unbind(_ watch: Int32) -> ID? {
        guard let id = byWatch.removeValue(forKey: watch) else { return nil }
        nodes.setWatch(nil, of: id)
        return id
    }

    /// Notes a directory's entries for polling, as no watch reports its changes. Returns the watch that the directory
    /// had.
    mutating func poll(_ id: ID, from snapshot: DirectorySnapshot) -> Int32? {
        guard contains(id) else { return nil }
        let watch = nodes.watch(of: id)
        if let watch { byWatch[watch] = nil }
        nodes.setWatch(nil, of: id)
        snapshots[id] = snapshot
        if polled.insert(id).inserted { count(causes[id], 1) }
        return watch
    }

    /// Notes why a directory is polled, or is about to be. Nil: as the one above it.
    mutating func noteCause(_ cause: PollCause?, of id: ID) {
        guard contains(id) else { return }
        let cause = cause ?? causes[id] ?? nodes.parent(of: id).flatMap { causes[$0] }
        if polled.contains(id) {
            count(causes[id], -1)
            count(cause, 1)
        }
        causes[id] = cause
    }

    private mutating func endPolling(_ id: ID) {
        if polled.remove(id) != nil { count(causes[id], -1) }
        if !causes.isEmpty { causes[id] = nil }
        snapshots[id] = nil
    }

    private mutating func count(_ cause: PollCause?, _ step: Int) {
        guard let cause else { return }
        let count = pollCauses[cause, default: 0] + step
        pollCauses[cause] = count > 0 ? count : nil
    }

    /// Notes what a directory's `.outtrayignore` says.
    mutating func note(_ file: IgnoreFile, of id: ID) {
        if contains(id) { ignoreFiles[id] = file == .none ? nil : file }
    }

    /// Notes that the scan with this number has visited the directory.
    mutating func visit(_ id: ID, by scan: Int) {
        nodes.setScan(scan, of: id)
    }

    /// Forgets every directory that the scan with this number did not visit. Returns their watches.
    mutating func removeUnvisited(by scan: Int) -> [Int32] {
        nodes.unvisited(by: scan).flatMap { remove($0) }
    }

    private func isAncestor(_ candidate: ID, of id: ID) -> Bool {
        var next: ID? = id
        while let current = next {
            if current == candidate { return true }
            next = nodes.parent(of: current)
        }
        return false
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
