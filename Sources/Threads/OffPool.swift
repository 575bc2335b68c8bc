/// Runs what blocks (read(2), fsync, rename on a slow disk) on a thread that Swift's shared pool does not miss, and waits
/// for its end even when cancelled. What touches a watched folder runs on its ``FolderThreads``.
package func offPool<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await BlockingThreads.shared.finish(work)
}

extension BlockingThreads {
    /// For what belongs to no folder.
    package static let shared = BlockingThreads(name: "blocking", bound: 64)
}
