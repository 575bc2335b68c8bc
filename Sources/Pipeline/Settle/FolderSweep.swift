import SystemPackage
import Watch

/// Which of the files that a scan has not seen have left, and which are on file systems that are not mounted.
///
/// An unmount may take the mount point along (udisks, autofs). Then a file is missing, and the nearest directory that
/// is there is on another device and has something in it. So it is as well with a directory that was deleted on a disk
/// that got another number since. Three things tell the two apart:
///
/// - The scan has found files on that device: it is mounted, so the file has left.
/// - The scan has found files that were known on that device, and are on another one now: the number has changed.
/// - The directory around all missing files of that device is still there: nobody has removed a mount point.
///
/// Where none of them holds, the files count as there. The third is known only at the end. So a sweep with doubts goes
/// over its files twice.
struct FolderSweep {
    private let seen: SeenFiles
    /// For each device, the directory around all its files that are missing.
    private var tops: [UInt64: FilePath] = [:]
    private var doubtful: Set<UInt64> = []
    /// Devices whose mount points are still there.
    private var standing: Set<UInt64> = []
    /// The empty directories in the place of file systems, and the number of known files beneath each.
    private(set) var empty: [FilePath: Int] = [:]
    /// The same for directories that are not there.
    private(set) var removed: [FilePath: Int] = [:]

    init(_ seen: SeenFiles) {
        self.seen = seen
    }

    /// Takes a look at a file. Returns whether the file has surely left.
    mutating func hasLeft(_ path: FilePath, on device: UInt64, _ absence: FileAbsence) -> Bool {
        switch absence {
        case .none: return false
        case .gone: return true
        case .unmounted(let directory):
            empty[directory, default: 0] += 1
            noteMissing(path, on: device)
            return false
        case .elsewhere:
            guard seen.lacks(device) else { return true }
            doubtful.insert(device)
            noteMissing(path, on: device)
            return false
        }
    }

    /// The directories whose presence is to be known for ``decide(standing:)``.
    var doubts: Set<FilePath> { Set(doubtful.compactMap { tops[$0] }) }

    /// `directories`: those of ``doubts`` that are there.
    mutating func decide(standing directories: Set<FilePath>) {
        standing = doubtful.filter { tops[$0].map(directories.contains) ?? false }
    }

    /// Takes the second look at a file, after ``decide(standing:)``. Returns whether the file has left after all.
    mutating func hasLeftAfterAll(_ path: FilePath, on device: UInt64, _ absence: FileAbsence) -> Bool {
        guard case .elsewhere = absence, doubtful.contains(device) else { return false }
        if standing.contains(device) { return true }
        removed[tops[device] ?? path.removingLastComponent(), default: 0] += 1
        return false
    }

    /// All files that count as there only because their file systems are not mounted; nil if there are none.
    var unmounted: UnmountedFiles? {
        guard let first = (Array(empty.keys) + removed.keys).min(by: { $0.string < $1.string }) else { return nil }
        let files = empty.values.reduce(0, +) + removed.values.reduce(0, +)
        return UnmountedFiles(count: files, directories: empty.count + removed.count, first: first)
    }

    /// Whether a sidecar has left, by what is known of the folder's files.
    func hasLeft(sidecar path: FilePath, on device: UInt64, _ absence: FileAbsence) -> Bool {
        switch absence {
        case .none, .unmounted: return false
        case .gone: return true
        case .elsewhere:
            guard seen.lacks(device) else { return true }
            return doubtful.contains(device) ? standing.contains(device) : absence.alone(of: path) == .gone
        }
    }

    private mutating func noteMissing(_ path: FilePath, on device: UInt64) {
        guard var top = tops[device] else {
            tops[device] = path.removingLastComponent()
            return
        }
        while !path.starts(with: top), top.removeLastComponent() {}
        tops[device] = top
    }
}
