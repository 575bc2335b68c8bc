import DequeModule
import SystemPackage

/// Files that left and are not recorded yet, in order.
///
/// A value without a task or the ledger. ``Settler`` records the files.
struct Leaving {
    private var notes: Deque<FileNote> = []
    /// How many unrecorded notes each path has. A note counts in `notes`, and when it is taken but not recorded.
    private var paths: [FilePath: Int] = [:]
    private var directories: [FilePath: Int] = [:]

    /// Whether there is no loss that is not recorded yet.
    var isEmpty: Bool { paths.isEmpty && directories.isEmpty }

    /// The number of notes that were not taken.
    var count: Int { notes.count }

    mutating func add(_ note: FileNote) {
        notes.append(note)
        change(note, by: 1)
    }

    /// Whether the loss of this path, alone or with a directory, is not recorded yet. To record it later would also
    /// forget another file at the path.
    func holds(_ path: FilePath) -> Bool {
        if paths[path] != nil { return true }
        guard !directories.isEmpty else { return false }
        var directory = path
        while directory.removeLastComponent() {
            if directories[directory] != nil { return true }
        }
        return false
    }

    /// Takes up to `most` notes for recording, oldest first.
    mutating func removeFirst(_ most: Int) -> [FileNote] {
        let taken = Array(notes.prefix(most))
        notes.removeFirst(taken.count)
        return taken
    }

    /// Notes that these taken notes are recorded now.
    mutating func forget(_ taken: [FileNote]) {
        for note in taken { change(note, by: -1) }
    }

    private mutating func change(_ note: FileNote, by count: Int) {
        switch note {
        case .settling: return
        case .gone(let path): Self.change(&paths, path, by: count)
        case .goneBelow(let directory): Self.change(&directories, directory, by: count)
        }
    }

    private static func change(_ counts: inout [FilePath: Int], _ path: FilePath, by count: Int) {
        let now = counts[path, default: 0] + count
        counts[path] = now == 0 ? nil : now
    }
}
