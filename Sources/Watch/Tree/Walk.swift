/// Which directories are still to be looked at, and the one that is being read: a depth-first walk without recursion.
struct Walk {
    /// A directory half read.
    struct Visit {
        var id: WatchTree.ID
        var reader: DirectoryReader
        /// What was read of it, if it is to be polled.
        var snapshot: DirectorySnapshot?
    }

    var visit: Visit?
    private var waiting: [WatchTree.ID] = []
    private var isWaiting: Set<WatchTree.ID> = []

    /// Nothing is left to do.
    var isIdle: Bool { visit == nil && waiting.isEmpty }

    /// Asks for a look at a directory; one that waits for it already is looked at once.
    mutating func add(_ id: WatchTree.ID) {
        if isWaiting.insert(id).inserted { waiting.append(id) }
    }

    mutating func takeNext() -> WatchTree.ID? {
        guard let id = waiting.popLast() else { return nil }
        isWaiting.remove(id)
        return id
    }
}
