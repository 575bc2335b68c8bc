import HeapModule
import SystemPackage
import Watch

/// Files that changed recently, and when each counts as quiet.
///
/// A value without clock or task, so that each rule is tested by calling it; ``Settler`` brings the time. Holds one entry
/// a path; a file that changes again waits its whole quiet time anew.
struct SettleWindow<Instant: InstantProtocol> where Instant.Duration == Duration {
    private struct Entry {
        var file: FoundFile
        var deadline: Instant
        var rounds: Int
        let firstNoted: Instant
        /// Whether it changed later than three quiet times after it was first noted. By what happened to it, not by the time
        /// that has passed: a machine that stands still makes no file restless.
        var isRestless: Bool
    }

    private struct Deadline: Comparable {
        let instant: Instant
        let path: FilePath

        static func < (left: Deadline, right: Deadline) -> Bool { left.instant < right.instant }
    }

    private var entries: [FilePath: Entry] = [:]
    /// May hold deadlines that were moved since; those are passed over when they come.
    private var deadlines = Heap<Deadline>()

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }

    /// How many files may be quiet soon; the others were found changing or held open at the end of a quiet time, or have
    /// been changing for longer than three of them.
    var countInFirstRound: Int { entries.values.count { $0.rounds == 0 && !$0.isRestless } }

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
        entries[path] = nil
    }

    /// Forgets all files that lie beneath a directory.
    mutating func forget(beneath directory: FilePath) {
        entries = entries.filter { !$0.key.starts(with: directory) }
    }

    /// Takes out the files whose quiet time is over, with the version they had at its beginning and how many such times
    /// they have been through.
    /// At most `limit` of them.
    mutating func takeQuiet(at instant: Instant, limit: Int = .max) -> [(file: FoundFile, rounds: Int)] {
        var quiet: [(file: FoundFile, rounds: Int)] = []
        while quiet.count < limit, let next = deadlines.min, next.instant <= instant {
            deadlines.removeMin()
            guard let entry = entries[next.path], entry.deadline == next.instant else { continue }
            entries[next.path] = nil
            quiet.append((entry.file, entry.rounds))
        }
        return quiet
    }

    private mutating func insert(_ file: FoundFile, at instant: Instant, quiet: Duration, rounds: Int) -> Bool {
        let deadline = instant.advanced(by: quiet)
        let firstNoted = entries[file.path]?.firstNoted ?? instant
        let isRestless = instant > firstNoted.advanced(by: quiet * 3)
        let isNew =
            entries.updateValue(
                Entry(file: file, deadline: deadline, rounds: rounds, firstNoted: firstNoted, isRestless: isRestless),
                forKey: file.path
            ) == nil
        deadlines.insert(Deadline(instant: deadline, path: file.path))
        return isNew
    }
}
