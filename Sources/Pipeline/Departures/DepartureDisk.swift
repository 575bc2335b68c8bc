import SystemPackage
import Threads

/// The file system of a departing file, for one try.
struct DepartureDisk: Sendable {
    let threads: BlockingThreads
    let patience: Patience
    let root: FilePath
    /// Called when a look is given up. The look goes on without a waiter.
    let leaving: @Sendable () -> Void
    /// Called when a look that was given up has ended after all.
    let late: @Sendable () -> Void

    /// Runs `work` on the folder's threads.
    ///
    /// - Throws: The errors of `work`, ``Unanswered`` or `CancellationError`.
    func callAsFunction<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let answer = try await threads.look(within: patience, leaving: leaving, late: late, work)
        guard let answer else { throw Unanswered(at: root) }
        return answer
    }
}
