/// Threads for each folder, so that one whose file system hangs uses up its own and nobody else's.
package struct FolderThreads: Sendable {
    /// Enough to keep a network disk busy, few enough that dozens of hung folders are no burden.
    private static let bound = 8

    private let threads: [String: BlockingThreads]

    /// For the folders of these names.
    package init(_ folders: some Sequence<String>) {
        threads = Dictionary(folders.map { ($0, BlockingThreads(name: "look \($0)", bound: Self.bound)) }) { first, _ in
            first
        }
    }

    /// The folder's own; for any other name those that all share.
    package subscript(folder: String) -> BlockingThreads { threads[folder] ?? .shared }
}
