import SystemPackage

/// Changed files of one folder that could not be looked at, and when they are looked at again.
///
/// A value without a clock. All are looked at together. The pauses grow while the same files fail, so a broken disk
/// costs little. They begin anew with each further file.
struct FailedLooks<Instant: InstantProtocol> where Instant.Duration == Duration {
    /// With more files, the next scan finds the others.
    private static var most: Int { 1024 }

    /// Whether each file was renamed into place, by its path.
    private var files: [FilePath: Bool] = [:]
    /// The files of the look that is under way.
    private var again: Set<FilePath> = []
    /// How often the files have failed together.
    private var failures = 0
    /// When the files are to be looked at; nil if there are none, or a look is under way.
    private(set) var due: Instant?

    /// Notes that a look at a file failed.
    mutating func note(_ path: FilePath, renamed: Bool, at now: Instant) {
        guard files.count < Self.most || files[path] != nil else { return }
        let isNew = files.updateValue(renamed, forKey: path) == nil && !again.contains(path)
        guard isNew else { return }
        failures = 0
        plan(at: now)
    }

    /// Notes that a file could be looked at.
    mutating func forget(_ path: FilePath) {
        files[path] = nil
        if files.isEmpty { due = nil }
    }

    /// Takes the files if they are due; ``end(at:)`` follows the look at them.
    mutating func take(at now: Instant) -> [(path: FilePath, renamed: Bool)] {
        guard let due, due <= now else { return [] }
        let taken = files.map { ($0.key, $0.value) }
        again = Set(files.keys)
        files = [:]
        self.due = nil
        return taken
    }

    /// Notes that the look at the taken files is over. Those that failed again were noted.
    mutating func end(at now: Instant) {
        let isLasting = !again.isEmpty && again.isSuperset(of: files.keys)
        again = []
        failures = isLasting ? failures + 1 : 0
        plan(at: now)
    }

    private mutating func plan(at now: Instant) {
        guard !files.isEmpty, again.isEmpty else { return }
        let next = now.advanced(by: Schedules.look.bound(afterFailures: failures + 1))
        due = due.map { min($0, next) } ?? next
    }
}
