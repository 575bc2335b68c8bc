import SystemPackage

/// A file system did not answer in time.
package struct Unanswered: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// `place` is a directory of that file system.
    package init(at place: FilePath) {
        description = "its file cannot be read: the file system of \(place) does not answer"
    }
}
