import HeapModule
import SystemPackage
import Watch

/// Files that changed recently, and when each counts as quiet.
///
/// A value without clock or task, so that each rule is tested by calling it; ``Settler`` brings the time. Holds one entry
/// a path; a file that changes again waits its whole quiet time anew. What it needs grows with the files, not with their
/// events, and no call looks through all of them.
struct SettleWindow<Instant: InstantProtocol> where Instant.Duration == Duration {
    private struct Entry {
        var file: FoundFile
        var deadline: Instant
        var rounds: Int
        let firstNoted: Instant
        /// Whether it changed later than three quiet times after it was first noted. By what happened to it, not by the time
        /// that has passed: a machine that stands still makes no file restless.
        var isRestless: Bool

        var isInFirstRound: Bool { rounds == 0 && !isRestless }
    }

    private struct Deadline: Comparable {
        let instant: Instant
        let path: FilePath

        static func < (left: Deadline, right: Deadline) -> Bool { left.instant < right.instant }
    }

    private var entries: [FilePath: Entry] = [:]
    private var tree = PathTree()
    /// May hold deadlines that were moved since; those are passed over when they come.
    private var deadlines = Heap<Deadline>()

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }
    /// How many deadlines are kept, passed ones included: at most two a file, and a few.
    var deadlineCount: Int { deadlines.count }

    /// How many files may be quiet soon; the others were found changing or held open at the end of a quiet time, or have
    /// been changing for longer than three of them.
    private(set) var countInFirstRound = 0

    /// When the next file may be quiet; not later than that.
    var nextDeadline: Instant? { deadlines.min?.instant }

    /// Something happened to a file, which has this version now: it must stay as it is for `quiet` from `instant` on.
    ///
    /// - Returns: whether the file is new to the window.
    @discardableResult
    mutating func note(_ file: FoundFile, at instant: Instant, quiet: Duration) -> Bool {
        insert(file, at: instant, quiet: quiet, rounds: entries[file.path]?.rounds ?? 0)
    }

    /// A file was not quiet at the end of its window (another version, or held open): it waits once more.
    mutating func noteAgain(_ file: FoundFile, at instant: Instant, quiet: Duration, rounds: Int) {
        _ = insert(file, at: instant, quiet: quiet, rounds: rounds)
    }

    func holds(_ path: FilePath) -> Bool { entries[path] != nil }

    /// Whether this very version is waited for already.
    func holds(_ file: FoundFile) -> Bool { entries[file.path]?.file.version == file.version }

    mutating func forget(_ path: FilePath) {
        remove(path)
    }

    /// Forgets all files that lie beneath a directory, and one in its place.
    mutating func forget(beneath directory: FilePath) {
        remove(directory)
        for path in tree.paths(beneath: directory) { remove(path) }
    }

    /// Takes out the files whose quiet time is over, with the version they had at its beginning and how many such times
    /// they have been through.
    /// At most `limit` of them.
    mutating func takeQuiet(at instant: Instant, limit: Int = .max) -> [(file: FoundFile, rounds: Int)] {
        var quiet: [(file: FoundFile, rounds: Int)] = []
        while quiet.count < limit, let next = deadlines.min, next.instant <= instant {
            deadlines.removeMin()
            guard let entry = entries[next.path], entry.deadline == next.instant else { continue }
            remove(next.path)
            quiet.append((entry.file, entry.rounds))
        }
        return quiet
    }

    private mutating func insert(_ file: FoundFile, at instant: Instant, quiet: Duration, rounds: Int) -> Bool {
        let deadline = instant.advanced(by: quiet)
        let firstNoted = entries[file.path]?.firstNoted ?? instant
        let isRestless = instant > firstNoted.advanced(by: quiet * 3)
        let entry = Entry(
            file: file,
            deadline: deadline,
            rounds: rounds,
            firstNoted: firstNoted,
            isRestless: isRestless
        )
        let earlier = entries.updateValue(entry, forKey: file.path)
        if earlier == nil { tree.insert(file.path) }
        countInFirstRound += (entry.isInFirstRound ? 1 : 0) - (earlier?.isInFirstRound == true ? 1 : 0)
        // A deadline that was only noted again is there already.
        if earlier?.deadline != deadline { deadlines.insert(Deadline(instant: deadline, path: file.path)) }
        dropPassedDeadlines()
        return earlier == nil
    }

    private mutating func remove(_ path: FilePath) {
        guard let entry = entries.removeValue(forKey: path) else { return }
        tree.remove(path)
        if entry.isInFirstRound { countInFirstRound -= 1 }
    }

    /// Once there are more passed deadlines than files, they go: so each costs a moment, and memory is bounded.
    private mutating func dropPassedDeadlines() {
        guard deadlines.count > 2 * entries.count + 64 else { return }
        deadlines = Heap(entries.map { Deadline(instant: $0.value.deadline, path: $0.key) })
    }
}
