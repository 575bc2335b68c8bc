import SystemPackage

/// The directories of a folder that could not be read. They may have files that nobody has seen. A file that could not
/// be looked at counts like a directory.
package struct Unread: Hashable, Sendable {
    /// The number of directories.
    package var count: Int
    /// One of the directories. The folder's own path if that path leads to no readable directory.
    package var first: FilePath
    /// The reason, for people.
    package var reason: String
    /// Whether a person is to hear of it. False if only the count has changed.
    package var isNews = true

    package init(count: Int, first: FilePath, reason: String) {
        self.count = count
        self.first = first
        self.reason = reason
    }
}
