import Dispatch

/// Runs what blocks (read(2), fsync, lstat on a slow disk) on a thread that Swift's shared pool does not miss.
package func offPool<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        blockingQueue.async {
            continuation.resume(with: Result(catching: work))
        }
    }
}

private let blockingQueue = DispatchQueue(label: "outtray.blocking", attributes: .concurrent)
