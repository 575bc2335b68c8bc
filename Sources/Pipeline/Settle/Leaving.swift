import DequeModule
import SystemPackage

/// Files that left and are not recorded yet, in the order in which they did.
///
/// A value without task or ledger; ``Settler`` records what it holds.
struct Leaving {
    private var notes: Deque<FileNote> = []
    /// How often each path, and each directory, is held: in `notes`, or taken and not recorded.
    private var paths: [FilePath: Int] = [:]
    private var directories: [FilePath: Int] = [:]

    /// How many were not taken.
    var count: Int { notes.count }

    mutating func add(_ note: FileNote) {
        notes.append(note)
        change(note, by: 1)
    }

    /// Whether it is still to be recorded that this path left, alone or with a directory: what is known of another file
    /// there would be forgotten with it.
    func holds(_ path: FilePath) -> Bool {
        if paths[path] != nil { return true }
        guard !directories.isEmpty else { return false }
        var directory = path
        while directory.removeLastComponent() {
            if directories[directory] != nil { return true }
        }
        return false
    }

    /// Takes the oldest so many, to be recorded.
    mutating func take(_ most: Int) -> [FileNote] {
        let taken = Array(notes.prefix(most))
        notes.removeFirst(taken.count)
        return taken
    }

    /// These were taken, and are recorded now.
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
