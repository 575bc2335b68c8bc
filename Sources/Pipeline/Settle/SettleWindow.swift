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
        /// Nil while the file waits for its marker. Then no time makes it quiet.
        var deadline: Instant?
        /// The marker that is there, but speaks of an earlier version of the file.
        var staleMarker: FileVersion?
        /// When the file is old enough (`min_age`); nil if it is.
        let oldEnough: Instant?
        /// Whether the marker is known to have come after this version of the file.
        var isMarked = false
        var rounds: Int
        let firstNoted: Instant
        let lastNoted: Instant
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

    /// How many files may be quiet soon. A file that was not done after a quiet time does not count. Neither does one
    /// that went on changing for longer than three quiet times.
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
    /// `oldEnough`: when the file in this version is old enough; nil if it is. Of two answers on the same bytes the
    /// earlier one counts, so a clock that is set back makes no file wait longer.
    ///
    /// - Returns: whether the file is new to the window.
    @discardableResult
    package mutating func note(
        _ file: FoundFile,
        at instant: Instant,
        quiet: Duration,
        oldEnough: Instant? = nil
    ) -> Bool {
        let earlier = entries[file.path]
        var oldEnough = oldEnough
        if let earlier, earlier.file.version.hasSameBytes(as: file.version) {
            oldEnough = earlier.oldEnough.flatMap { old in oldEnough.map { min($0, old) } }
        }
        return insert(file, at: instant, quiet: quiet, oldEnough: oldEnough, rounds: earlier?.rounds ?? 0)
    }

    /// Notes that a file was not done at the end of its window. It has another version, is held open, or is too young.
    /// It waits once more.
    ///
    /// `since`: when the file was first noted.
    mutating func noteAgain(
        _ file: FoundFile,
        at instant: Instant,
        quiet: Duration,
        oldEnough: Instant? = nil,
        isMarked: Bool = false,
        rounds: Int,
        since: Instant
    ) {
        _ = insert(file, at: instant, quiet: quiet, oldEnough: oldEnough, rounds: rounds, since: since)
        entries[file.path]?.isMarked = isMarked
    }

    /// Notes that a file has rested, and that it has no marker that speaks of it. No time makes it quiet. It waits
    /// until its marker changes, or until something happens to the file.
    mutating func park(_ file: FoundFile, _ missing: MissingMarker, at instant: Instant, rounds: Int, since: Instant) {
        _ = insert(file, at: instant, quiet: nil, rounds: rounds, since: since)
        if case .stale(let marker) = missing { entries[file.path]?.staleMarker = marker }
    }

    /// Lets a file that waits for its marker count as quiet at once. `marker`: the marker's version, if a look saw it;
    /// the stale one is no news.
    ///
    /// - Returns: whether the file waited for that.
    mutating func wake(_ path: FilePath, marker: FileVersion?, at instant: Instant) -> Bool {
        guard let entry = entries[path], entry.deadline == nil else { return false }
        if let marker, marker == entry.staleMarker { return false }
        entries[path]?.deadline = instant
        deadlines.insert(Deadline(instant: instant, path: path))
        dropPassedDeadlines()
        return true
    }

    /// Notes that a file's marker changed after all that was noted of the file.
    ///
    /// The times of both tell the same, and better, unless the file's are later than `now`. Then the clock was set
    /// back, and the marker counts whatever its times, until something happens to the file.
    mutating func mark(_ path: FilePath, at now: Timestamp) {
        guard entries[path]?.file.version.isAhead(of: now) == true else { return }
        entries[path]?.isMarked = true
    }

    func holds(_ path: FilePath) -> Bool { entries[path] != nil }

    /// Whether something was noted of a file after this time.
    func wasNoted(_ path: FilePath, after instant: Instant) -> Bool {
        entries[path].map { $0.lastNoted > instant } ?? false
    }

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

    /// A file whose quiet time is over.
    package struct Quiet: Sendable {
        /// In its version at the beginning of the quiet time.
        package let file: FoundFile
        /// The number of its earlier quiet times.
        package let rounds: Int
        /// When it was first noted.
        package let since: Instant
        /// When it is old enough; nil if it is.
        package let oldEnough: Instant?
        /// Whether its marker is known to have come after it.
        package let isMarked: Bool
    }

    /// Takes out the files whose quiet time is over, at most `limit`.
    package mutating func takeQuiet(at instant: Instant, limit: Int = .max) -> [Quiet] {
        var quiet: [Quiet] = []
        while quiet.count < limit, let next = deadlines.min, next.instant <= instant {
            deadlines.removeMin()
            guard let entry = entries[next.path], entry.deadline == next.instant else { continue }
            remove(next.path)
            quiet.append(
                Quiet(
                    file: entry.file,
                    rounds: entry.rounds,
                    since: entry.firstNoted,
                    oldEnough: entry.oldEnough.flatMap { $0 > instant ? $0 : nil },
                    isMarked: entry.isMarked
                )
            )
        }
        return quiet
    }

    /// `quiet`: nil for a file that waits for its marker.
    private mutating func insert(
        _ file: FoundFile,
        at instant: Instant,
        quiet: Duration?,
        oldEnough: Instant? = nil,
        rounds: Int,
        since: Instant? = nil
    ) -> Bool {
        let deadline = quiet.map { instant.advanced(by: $0) }
        let firstNoted = entries[file.path]?.firstNoted ?? since ?? instant
        let isRestless = quiet.map { instant > firstNoted.advanced(by: $0 * 3) } ?? false
        let entry = Entry(
            file: file,
            deadline: deadline,
            oldEnough: oldEnough,
            rounds: rounds,
            firstNoted: firstNoted,
            lastNoted: instant,
            isRestless: isRestless
        )
        let earlier = entries.updateValue(entry, forKey: file.path)
        if earlier == nil { tree.insert(file.path) }
        countInFirstRound += (entry.isInFirstRound ? 1 : 0) - (earlier?.isInFirstRound == true ? 1 : 0)
        // The same deadline is in the heap already.
        if let deadline, earlier?.deadline != deadline {
            deadlines.insert(Deadline(instant: deadline, path: file.path))
        }
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
        deadlines = Heap(
            entries.compactMap { path, entry in entry.deadline.map { Deadline(instant: $0, path: path) } }
        )
    }
}
