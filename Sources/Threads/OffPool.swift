/// Runs blocking work (read(2), fsync, rename on a slow disk) on a thread outside of Swift's shared pool. Waits for its
/// end even if the task is cancelled. Work on a watched folder runs on its ``FolderThreads`` instead.
package func offPool<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await BlockingThreads.shared.finish(work)
}

extension BlockingThreads {
    /// The threads for work that belongs to no folder.
    package static let shared = BlockingThreads(name: "blocking", bound: 64)
}
