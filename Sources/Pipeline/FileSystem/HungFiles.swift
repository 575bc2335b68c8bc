import SystemPackage
import Threads

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
