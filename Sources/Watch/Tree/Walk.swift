import SystemPackage

/// The first file of a directory that could not be looked at, as the disk has an error there.
struct UnseenFile {
    let name: FilePath.Component
    let error: Errno
}

/// The directories still to be read, and the one being read: a depth-first walk without recursion.
struct Walk {
    /// A directory that is half read.
    struct Visit {
        var id: WatchTree.ID
        var reader: DirectoryReader
        /// The rules for the names in the directory.
        var rules: DirectoryRules
        /// The entries read so far, if the directory is to be polled.
        var snapshot: DirectorySnapshot?
        var hasDirectories = false
        var unseen: UnseenFile?
    }

    /// How many directories stay open for the ones below them.
    private static let mostHeld = 16

    var visit: Visit?
    /// Directories that were read and have directories to visit, from above to below.
    private var held: [(id: WatchTree.ID, reader: DirectoryReader)] = []
    private var waiting: [WatchTree.ID] = []
    private var isWaiting: Set<WatchTree.ID> = []

    /// Whether nothing is left to do.
    var isIdle: Bool { visit == nil && waiting.isEmpty }

    /// Asks for a look at a directory. A directory that waits already is looked at only once.
    mutating func add(_ id: WatchTree.ID) {
        if isWaiting.insert(id).inserted { waiting.append(id) }
    }

    /// Keeps a directory open that was read, so that those below it are opened from there.
    mutating func hold(_ visit: Visit) {
        if held.count >= Self.mostHeld { held.removeFirst() }
        held.append((visit.id, visit.reader))
    }

    /// The open directory with this number; nil if it is not held.
    mutating func held(_ id: WatchTree.ID) -> DirectoryReader? {
        guard let index = held.lastIndex(where: { $0.id == id }) else { return nil }
        held.removeSubrange((index + 1)...)
        return held[index].reader
    }

    /// Closes what is held, at the end of a walk.
    mutating func letGo() {
        if !held.isEmpty { held = [] }
    }

    mutating func takeNext() -> WatchTree.ID? {
        guard let id = waiting.popLast() else { return nil }
        isWaiting.remove(id)
        return id
    }
}
