import SystemPackage

/// What of a folder could not be looked through: there may be files in it that nobody has seen.
package struct Unread: Hashable, Sendable {
    /// How many directories.
    package var count: Int
    /// One of them: the folder's own path where that leads to no directory that can be read.
    package var first: FilePath
    /// Why not, for people.
    package var reason: String

    package init(count: Int, first: FilePath, reason: String) {
        self.count = count
        self.first = first
        self.reason = reason
    }
}
