import SystemPackage

/// How long a watched folder's file system may take for one answer: to open a file, to look at it, to read its next chunk.
///
/// It bounds what makes no progress, never the whole of a file. By its clock a suspended machine takes no time.
package struct Patience: Sendable {
    /// 30 s. A disk that is well takes milliseconds, one that wakes up or a server that is restarted some seconds; a dead
    /// server never answers. Less than a storage waits for the bytes of an upload (`TransferTimeouts.progress`, and what
    /// providers allow), so that the cause that is told is the right one.
    package static let usual = Patience { try await rest(for: longest) }
    static let longest = Duration.seconds(30)

    private let end: @Sendable () async throws -> Void

    package init(_ length: Duration, clock: some Clock<Duration>) {
        self.init { try await rest(until: clock.now.advanced(by: length), clock: clock) }
    }

    private init(_ end: @escaping @Sendable () async throws -> Void) {
        self.end = end
    }

    /// Returns when it has run out; throws when the task is cancelled.
    func runOut() async throws {
        try await end()
    }
}

/// A file system did not answer in time.
package struct Unanswered: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// `place` is a directory of that file system.
    package init(at place: FilePath) {
        description = "\(Self.beginning)\(place) does not answer"
    }

    /// Whether this is what a file is said to wait for.
    package static func isReason(_ text: String) -> Bool { text.hasPrefix(beginning) }

    private static let beginning = "its file cannot be read: the file system of "
}
