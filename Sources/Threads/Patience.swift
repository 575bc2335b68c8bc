/// How long a watched folder's file system may take for one answer: to open a file, look at it, or read its next chunk.
///
/// It bounds one step without progress, never the whole file. The time of a suspended machine does not count.
package struct Patience: Sendable {
    /// 30 s. A healthy disk takes milliseconds. A disk that wakes up, or a restarted server, takes some seconds. A dead
    /// server never answers.
    ///
    /// It is less than a storage waits for an upload's bytes (`TransferTimeouts.progress`, and the providers' own
    /// limits). So the disk is named as the cause, not the storage.
    package static let usual = Patience { try await rest(for: longest) }
    package static let longest = Duration.seconds(30)

    private let end: @Sendable () async throws -> Void

    package init(_ length: Duration, clock: some Clock<Duration>) {
        self.init { try await rest(until: clock.now.advanced(by: length), clock: clock) }
    }

    private init(_ end: @escaping @Sendable () async throws -> Void) {
        self.end = end
    }

    /// Returns when the patience has run out. Throws when the task is cancelled.
    package func runOut() async throws {
        try await end()
    }
}
