import Logging
import Pipeline
import Providers
import ServiceLifecycle
import Synchronization

/// One pass of a pipeline: runs it until nothing is left to do.
struct Pass: Service {
    /// How often it is asked what is left.
    private static let pause = Duration.milliseconds(50)

    let pipeline: Pipeline
    let transfer: Transfer
    /// Called once the pipeline is ready: what has to be done before the pass can be over.
    let begin: @Sendable () async throws -> Void
    /// Whether the pass is over, beside the pipeline being at rest.
    let isDone: @Sendable () async throws -> Bool
    let result: PassResult

    func run() async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await pipeline.run() }
                group.addTask {
                    await pipeline.ready()
                    try await begin()
                    try await waitUntilDone()
                    pipeline.stop()
                }
                try await group.waitForAll()
            }
        } catch {
            await transfer.shutdown()
            throw error
        }
        await transfer.shutdown()
    }

    private func waitUntilDone() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let outstanding = try await pipeline.outstanding()
            if !outstanding.isBusy, try await isDone() {
                result.end(outstanding)
                return
            }
            try await Task.sleep(for: Self.pause)
        }
    }
}

/// How a pass went; filled as it goes.
final class PassResult: Sendable {
    private struct State {
        var uploaded = 0
        var reused = 0
        var rejected = 0
        var outstanding: Outstanding?
    }

    private let state = Mutex(State())

    func take(_ event: PipelineEvent) {
        state.withLock { state in
            switch event {
            case .uploaded: state.uploaded += 1
            case .reused: state.reused += 1
            case .rejected: state.rejected += 1
            default: break
            }
        }
    }

    func end(_ outstanding: Outstanding) {
        state.withLock { $0.outstanding = outstanding }
    }

    var uploaded: Int { state.withLock { $0.uploaded } }
    var reused: Int { state.withLock { $0.reused } }
    var rejected: Int { state.withLock { $0.rejected } }
    /// Files that wait; nil when the pass was broken off.
    var waiting: Int? { state.withLock { $0.outstanding?.waiting } }
}
