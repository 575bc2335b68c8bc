import SystemPackage
import Threads

/// The file system that a departing file lies on, as one try asks it.
struct DepartureDisk: Sendable {
    let threads: BlockingThreads
    let patience: Patience
    let root: FilePath
    /// A look is given up, and goes on without anybody who waits for it.
    let leaving: @Sendable () -> Void
    /// A look that was given up has ended after all.
    let late: @Sendable () -> Void

    /// - Throws: What `work` throws, ``Unanswered`` or `CancellationError`.
    func callAsFunction<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let answer = try await threads.look(within: patience, leaving: leaving, late: late, work)
        guard let answer else { throw Unanswered(at: root) }
        return answer
    }
}
