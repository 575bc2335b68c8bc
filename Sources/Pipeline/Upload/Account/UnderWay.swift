import SystemPackage
import Threads

/// The files of one account that are under way, each with a slot.
///
/// A value without a queue; ``AccountLane`` claims the files and runs their jobs.
struct UnderWay<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    private(set) var slots: Slots
    /// Each bell breaks off its file's upload.
    private var recalls: [FilePath: Doorbell] = [:]
    /// How far each file's try has come.
    private var progress: [FilePath: TryProgress<Instant>] = [:]
    private var ahead: Set<FilePath> = []
    /// The file that tests a blocked account.
    private var probe: FilePath?
    /// Files whose refusal no longer counts. Each is queued again after its try has ended.
    private var takenBack: [FilePath: MediaFile] = [:]

    init(slots count: Int) {
        slots = Slots(count)
    }

    var paths: Set<FilePath> { Set(recalls.keys) }

    /// Whether the file was claimed ahead of the slots: each of its requests takes one.
    func isAhead(_ path: FilePath) -> Bool { ahead.contains(path) }

    /// Whether the file's try has not ended.
    func holds(_ path: FilePath) -> Bool { recalls[path] != nil }

    /// Gives a claimed file its slot.
    mutating func begin(_ file: MediaFile, isProbe: Bool, isAhead: Bool = false) {
        slots.occupy(file.size)
        if isAhead, file.isShort { ahead.insert(file.path) }
        recalls[file.path] = Doorbell()
        progress[file.path] = TryProgress()
        if isProbe { probe = file.path }
    }

    /// Notes how a try ended. See ``Slots``.
    mutating func note(isUp: Bool) {
        slots.note(isUp: isUp)
    }

    /// Frees the file's slot. Returns whether the file was the probe.
    mutating func end(_ file: MediaFile) -> Bool {
        slots.release(file.size)
        ahead.remove(file.path)
        recalls[file.path] = nil
        progress[file.path] = nil
        guard probe == file.path else { return false }
        probe = nil
        return true
    }

    /// The bell that breaks off the file's upload; nil if none is under way.
    func recall(of path: FilePath) -> Doorbell? { recalls[path] }

    /// How far the file's try has come; nil if none is under way.
    func progress(of path: FilePath) -> TryProgress<Instant>? { progress[path] }

    /// Breaks off the uploads that the rule does not let finish within the time that is left.
    func recallOthers(within rest: Duration, at now: Instant) {
        for (path, recall) in recalls {
            guard let phase = progress[path]?.phase else { continue }
            if !LastTries.mayFinish(phase, within: rest, at: now) { recall.ring() }
        }
    }

    /// Marks a file to be queued again once its try has ended.
    mutating func takeBack(_ file: MediaFile) {
        takenBack[file.path] = file
    }

    /// Returns the file if it is to be queued again, and forgets the mark.
    mutating func returned(_ path: FilePath) -> MediaFile? { takenBack.removeValue(forKey: path) }
}
