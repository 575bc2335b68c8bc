/// How long a watched folder's file system may take for one answer: to open a file, to look at it, to read its next chunk.
///
/// It bounds what makes no progress, never the whole of a file. By its clock a suspended machine takes no time.
package struct Patience: Sendable {
    /// 30 s. A disk that is well takes milliseconds, one that wakes up or a server that is restarted some seconds; a dead
    /// server never answers. Less than a storage waits for the bytes of an upload (`TransferTimeouts.progress`, and what
    /// providers allow), so that the cause that is told is the right one.
    package static let usual = Patience { try await rest(for: longest) }
    package static let longest = Duration.seconds(30)

    private let end: @Sendable () async throws -> Void

    package init(_ length: Duration, clock: some Clock<Duration>) {
        self.init { try await rest(until: clock.now.advanced(by: length), clock: clock) }
    }

    private init(_ end: @escaping @Sendable () async throws -> Void) {
        self.end = end
    }

    /// Returns when it has run out; throws when the task is cancelled.
    package func runOut() async throws {
        try await end()
    }
}
