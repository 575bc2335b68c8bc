import SystemPackage
import Threads

/// Threads for each folder. A folder whose file system hangs uses up only its own threads.
package final class FolderThreads: Sendable {
    /// Enough to keep a network disk busy. Few enough that dozens of hung folders are no burden.
    static let bound = 8

    private struct Pushed {
        weak var threads: BlockingThreads?
    }

    private let threads: Mutex<[String: BlockingThreads]>
    /// The threads for files that were pushed by name, by their directory. They stay while somebody uses them or they
    /// are stuck.
    private let pushed = Mutex<[FilePath: Pushed]>([:])

    /// Makes threads for the folders with these names.
    package init(_ folders: some Sequence<String> = []) {
        threads = Mutex(Dictionary(folders.map { ($0, Self.make($0)) }) { first, _ in first })
    }

    /// The folder's own threads; for an unknown name, the shared ones.
    package subscript(folder: String) -> BlockingThreads { own(folder) ?? .shared }

    /// Makes threads for a folder that begins. An earlier folder's threads of that name may hang; their callers keep
    /// them.
    func begin(_ folder: String) {
        threads.withLock { $0[folder] = Self.make(folder) }
    }

    /// Drops the threads of a folder that ends.
    func end(_ folder: String) {
        threads.withLock { $0[folder] = nil }
    }

    private func own(_ folder: String) -> BlockingThreads? { threads.withLock { $0[folder] } }

    /// The threads of the file's folder. For a file that was pushed by name, those of its root.
    func threads(for file: MediaFile) -> BlockingThreads { threads(of: file.folder, beneath: file.root) }

    /// The folder's own threads. For no folder, or one that is not in force any more, those of its root.
    func threads(of folder: String?, beneath root: FilePath) -> BlockingThreads {
        folder.flatMap(own) ?? threads(beneath: root)
    }

    /// The threads of a directory that no folder watches.
    func threads(beneath root: FilePath) -> BlockingThreads {
        pushed.withLock { pushed in
            if let known = pushed[root]?.threads { return known }
            pushed = pushed.filter { $0.value.threads != nil }
            let new = Self.make("pushed")
            pushed[root] = Pushed(threads: new)
            return new
        }
    }

    private static func make(_ name: String) -> BlockingThreads {
        BlockingThreads(name: "look \(name)", bound: bound)
    }
}
