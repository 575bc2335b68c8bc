/// The directories still to be read, and the one being read: a depth-first walk without recursion.
struct Walk {
    /// A directory that is half read.
    struct Visit {
        var id: WatchTree.ID
        var reader: DirectoryReader
        /// The entries read so far, if the directory is to be polled.
        var snapshot: DirectorySnapshot?
    }

    var visit: Visit?
    private var waiting: [WatchTree.ID] = []
    private var isWaiting: Set<WatchTree.ID> = []

    /// Whether nothing is left to do.
    var isIdle: Bool { visit == nil && waiting.isEmpty }

    /// Asks for a look at a directory. A directory that waits already is looked at only once.
    mutating func add(_ id: WatchTree.ID) {
        if isWaiting.insert(id).inserted { waiting.append(id) }
    }

    mutating func takeNext() -> WatchTree.ID? {
        guard let id = waiting.popLast() else { return nil }
        isWaiting.remove(id)
        return id
    }
}
