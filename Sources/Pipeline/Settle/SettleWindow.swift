import HeapModule
import SystemPackage
import Watch

/// Files that changed recently, and when each of them counts as quiet.
///
/// A value without a clock or a task, so each rule is tested by calling it. ``Settler`` brings the time. There is one
/// entry for each path. A file that changes again waits its whole quiet time anew. Memory grows with the number of
/// files, not of events. No call looks through all files.
package struct SettleWindow<Instant: InstantProtocol> where Instant.Duration == Duration {
    private struct Entry {
        var file: FoundFile
        var deadline: Instant
        var rounds: Int
        let firstNoted: Instant
        /// Whether the file changed later than three quiet times after it was first noted. Only events count, not the
        /// time that passed. So a machine that stands still makes no file restless.
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
    /// May hold outdated deadlines. They are skipped when they come.
    private var deadlines = Heap<Deadline>()

    package init() {}

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }
    /// The number of deadlines, outdated ones included. At most two for each file, plus 64.
    var deadlineCount: Int { deadlines.count }

    /// How many files may be quiet soon. Two kinds do not count: files still changing or held open after a quiet time,
    /// and files that went on changing for longer than three quiet times.
    private(set) var countInFirstRound = 0

    /// The earliest time at which the next file may be quiet.
    var nextDeadline: Instant? { deadlines.min?.instant }

    /// When a quiet time begins, if an event led to a look at the file, and the look took this time.
    ///
    /// It begins with the event. So what a quick look takes does not make the file wait longer. If the look took more
    /// than a tenth of the quiet time, the quiet time begins at its end: nobody knows when the look saw the version.
    /// From that end, at least `granularity` has to pass; ``Settler`` has the reason.
    static func beginning(lookedAt look: ClosedRange<Instant>, _ quiet: Duration, granularity: Duration) -> Instant {
        let took = look.lowerBound.duration(to: look.upperBound)
        return took * 10 <= quiet && quiet - took >= granularity ? look.lowerBound : look.upperBound
    }

    /// Notes that something happened to a file. It must keep this version for `quiet`, from `instant` on.
    ///
    /// - Returns: whether the file is new to the window.
    @discardableResult
    package mutating func note(_ file: FoundFile, at instant: Instant, quiet: Duration) -> Bool {
        insert(file, at: instant, quiet: quiet, rounds: entries[file.path]?.rounds ?? 0)
    }

    /// Notes that a file was not quiet at the end of its window. It has another version, or is held open. It waits once
    /// more.
    ///
    /// `since`: when the file was first noted.
    mutating func noteAgain(_ file: FoundFile, at instant: Instant, quiet: Duration, rounds: Int, since: Instant) {
        _ = insert(file, at: instant, quiet: quiet, rounds: rounds, since: since)
    }

    func holds(_ path: FilePath) -> Bool { entries[path] != nil }

    /// Whether the window has the file in this very version.
    func holds(_ file: FoundFile) -> Bool { entries[file.path]?.file.version == file.version }

    mutating func forget(_ path: FilePath) {
        remove(path)
    }

    /// Forgets all files beneath a directory, and a file in its place.
    mutating func forget(beneath directory: FilePath) {
        remove(directory)
        for path in tree.paths(beneath: directory) { remove(path) }
    }

    /// Takes out the files whose quiet time is over, at most `limit`. Each comes with its version at the beginning of
    /// the quiet time, with the number of its earlier quiet times, and with the moment at which it was first noted.
    package mutating func takeQuiet(
        at instant: Instant,
        limit: Int = .max
    ) -> [(file: FoundFile, rounds: Int, since: Instant)] {
        var quiet: [(file: FoundFile, rounds: Int, since: Instant)] = []
        while quiet.count < limit, let next = deadlines.min, next.instant <= instant {
            deadlines.removeMin()
            guard let entry = entries[next.path], entry.deadline == next.instant else { continue }
            remove(next.path)
            quiet.append((entry.file, entry.rounds, entry.firstNoted))
        }
        return quiet
    }

    private mutating func insert(
        _ file: FoundFile,
        at instant: Instant,
        quiet: Duration,
        rounds: Int,
        since: Instant? = nil
    ) -> Bool {
        let deadline = instant.advanced(by: quiet)
        let firstNoted = entries[file.path]?.firstNoted ?? since ?? instant
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
        // The same deadline is in the heap already.
        if earlier?.deadline != deadline { deadlines.insert(Deadline(instant: deadline, path: file.path)) }
        dropPassedDeadlines()
        return earlier == nil
    }

    private mutating func remove(_ path: FilePath) {
        guard let entry = entries.removeValue(forKey: path) else { return }
        tree.remove(path)
        if entry.isInFirstRound { countInFirstRound -= 1 }
    }

    /// Drops the outdated deadlines when they outnumber the files. So each costs little, and memory is bounded.
    private mutating func dropPassedDeadlines() {
        guard deadlines.count > 2 * entries.count + 64 else { return }
        deadlines = Heap(entries.map { Deadline(instant: $0.value.deadline, path: $0.key) })
    }
}
