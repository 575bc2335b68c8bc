import SystemPackage
import Threads

/// Threads for each folder, so that one whose file system hangs uses up its own and nobody else's.
package final class FolderThreads: Sendable {
    /// Enough to keep a network disk busy, few enough that dozens of hung folders are no burden.
    static let bound = 8

    private struct Pushed {
        weak var threads: BlockingThreads?
    }

    private let threads: Mutex<[String: BlockingThreads]>
    /// Those of files that were pushed by name, by their directory; for as long as somebody uses them or they are stuck.
    private let pushed = Mutex<[FilePath: Pushed]>([:])

    /// For the folders of these names.
    package init(_ folders: some Sequence<String> = []) {
        threads = Mutex(Dictionary(folders.map { ($0, Self.make($0)) }) { first, _ in first })
    }

    /// The folder's own; for any other name those that all share.
    package subscript(folder: String) -> BlockingThreads { own(folder) ?? .shared }

    /// Makes threads for a folder that begins. Those of an earlier one of that name, which may hang, are left to who waits
    /// for them.
    func begin(_ folder: String) {
        threads.withLock { $0[folder] = Self.make(folder) }
    }

    /// A folder ends.
    func end(_ folder: String) {
        threads.withLock { $0[folder] = nil }
    }

    private func own(_ folder: String) -> BlockingThreads? { threads.withLock { $0[folder] } }

    /// Those of the file's folder; of the directory that it is opened beneath where it was pushed by name.
    func threads(for file: MediaFile) -> BlockingThreads {
        if let own = file.folder.flatMap(own) { return own }
        return threads(beneath: file.root)
    }

    /// Those of a directory that no folder watches.
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
