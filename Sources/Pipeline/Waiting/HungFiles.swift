import Locks
import SystemPackage

/// Files whose file system did not answer in time: none of them is tried again while the thread of its last try is stuck.
///
/// What is true of as many files of one folder as half of its threads is true of the folder: then none of its files is
/// tried, and the other threads are left to those who look whether it is there again. So a hung file holds up itself, a
/// hung folder itself, and neither costs more threads with time.
package final class HungFiles: Sendable {
    private static let most = FolderThreads.bound / 2

    /// The root of each.
    private let files = Mutex<[FilePath: FilePath]>([:])
    private let observer: PipelineObserver

    package init(observer: @escaping PipelineObserver = { _ in }) {
        self.observer = observer
    }

    /// A look at it was given up, and goes on without anybody who waits for it.
    func add(_ file: MediaFile) {
        files.withLock { $0[file.path] = file.root }
        observer(.hung(file, reason: Unanswered(at: file.root).description))
    }

    /// The look has ended after all.
    func remove(_ file: MediaFile) {
        guard files.withLock({ $0.removeValue(forKey: file.path) }) != nil else { return }
        observer(.answered(file))
    }

    /// What is left in the queue meanwhile.
    package var heldBack: HeldBack {
        files.withLock { files in
            guard !files.isEmpty else { return .nothing }
            let counts = Dictionary(files.values.map { ($0, 1) }, uniquingKeysWith: +)
            return HeldBack(roots: Set(counts.filter { $0.value >= Self.most }.keys), files: Set(files.keys))
        }
    }
}

/// Queued files that are not taken, although they are due.
package struct HeldBack: Hashable, Sendable {
    package static let nothing = HeldBack(roots: [], files: [])

    /// All files that are opened beneath one of these directories.
    package let roots: Set<FilePath>
    /// These files, by path.
    package let files: Set<FilePath>
    /// All files of one of these sizes, in bytes.
    package let sizes: Set<Int64>

    package init(roots: Set<FilePath>, files: Set<FilePath>, sizes: Set<Int64> = []) {
        self.roots = roots
        self.files = files
        self.sizes = sizes
    }

    /// These and other files.
    func with(_ more: Set<FilePath>) -> HeldBack {
        HeldBack(roots: roots, files: files.union(more), sizes: sizes)
    }

    /// What either holds back.
    func with(_ other: HeldBack) -> HeldBack {
        HeldBack(
            roots: roots.union(other.roots),
            files: files.union(other.files),
            sizes: sizes.union(other.sizes)
        )
    }

    /// Whether it has this file by its path.
    package func holds(_ path: FilePath) -> Bool {
        files.contains(path) || roots.contains { path.starts(with: $0) }
    }
}
