import SystemPackage

/// A file system did not answer in time.
package struct Unanswered: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// `place` is a directory of that file system.
    package init(at place: FilePath) {
        description = "\(Self.beginning)\(place) does not answer"
    }

    /// Whether a file's reason to wait comes from this error.
    package static func isReason(_ text: String) -> Bool { text.hasPrefix(beginning) }

    private static let beginning = "its file cannot be read: the file system of "
}
