import SystemPackage
import Threads

/// Files whose file system did not answer in time. A hung file is not tried again while the thread of its last try is
/// stuck.
///
/// Once four files of a folder hang (half its threads), the whole folder counts as hung. Then none of its files is
/// tried. The other threads are left for looks whether the folder is back. So a hung file or folder holds up only
/// itself, and neither costs more threads with time.
package final class HungFiles: Sendable {
    private static let most = FolderThreads.bound / 2

    /// The root of each hung file, by the file's path.
    private let files = Mutex<[FilePath: FilePath]>([:])
    private let observer: PipelineObserver

    package init(observer: @escaping PipelineObserver = { _ in }) {
        self.observer = observer
    }

    /// Adds a file: a look at it was given up, and goes on without a waiter.
    func add(_ file: MediaFile) {
        files.withLock { $0[file.path] = file.root }
        observer(.hung(file, reason: Unanswered(at: file.root).description))
    }

    /// Removes a file: its look has ended after all.
    func remove(_ file: MediaFile) {
        guard files.withLock({ $0.removeValue(forKey: file.path) }) != nil else { return }
        observer(.answered(file))
    }

    /// The files and roots that stay in the queue meanwhile.
    package var heldBack: HeldBack {
        files.withLock { files in
            guard !files.isEmpty else { return .nothing }
            let counts = Dictionary(files.values.map { ($0, 1) }, uniquingKeysWith: +)
            return HeldBack(roots: Set(counts.filter { $0.value >= Self.most }.keys), files: Set(files.keys))
        }
    }
}
