import SystemPackage
import Threads
import Watch

/// Directories of which nobody knows enough: what they ignore, as an `.outtrayignore` cannot be read, or whether their
/// files are there, as they may not be looked into or their file system is not mounted.
///
/// None of their queued files is tried for a while. So however many there are, they hold up no other file.
package final class UndecidedDirectories: Sendable {
    /// No more of them are held back at a time: each makes the search for files that are due longer.
    private static let most = 64

    /// Until when each directory is held back.
    private let ends = Mutex<[FilePath: ContinuousClock.Instant]>([:])
    private let clock = ContinuousClock()
    private let pause: Duration

    /// `pause`: how long a directory is held back.
    init(pause: Duration = Schedules.undecided) {
        self.pause = pause
    }

    /// Holds back this directory; for an `.outtrayignore`, the directory that it is in. Returns false if there are too
    /// many: then each of its files has to wait for itself.
    func add(_ path: FilePath) -> Bool {
        let directory = path.lastComponent == IgnoreFile.name ? path.removingLastComponent() : path
        let now = clock.now
        return ends.withLock { ends in
            ends = ends.filter { $0.value > now }
            guard ends.count < Self.most || ends[directory] != nil else { return false }
            ends[directory] = now + pause
            return true
        }
    }

    /// Has all directories beneath a folder tried again. Returns whether there are any.
    func release(beneath folder: FilePath) -> Bool { release { $0.starts(with: folder) } }

    /// Has the directories around a file tried again: it has settled, so they are there. Returns whether there are any.
    func release(around file: FilePath) -> Bool { release { file.starts(with: $0) } }

    private func release(_ isKnown: (FilePath) -> Bool) -> Bool {
        ends.withLock { ends in
            if ends.isEmpty { return false }
            let count = ends.count
            ends = ends.filter { !isKnown($0.key) }
            return ends.count < count
        }
    }

    /// What stays in the queue meanwhile.
    package var heldBack: HeldBack {
        let now = clock.now
        let directories = ends.withLock { ends in ends.isEmpty ? [] : Set(ends.filter { $0.value > now }.keys) }
        return directories.isEmpty ? .nothing : HeldBack(roots: [], files: [], directories: directories)
    }
}
