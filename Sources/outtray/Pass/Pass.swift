import Logging
import Pipeline
import Providers
import ServiceLifecycle
import SystemPackage
import Threads

/// One pass of a pipeline. Runs it until nothing is left to do.
struct Pass: Service {
    /// How often the pass asks what is left.
    private static let pause = Duration.milliseconds(50)

    let pipeline: Pipeline
    let transfer: Transfer
    /// Called first. Does what has to happen before the pass can be over.
    let begin: @Sendable () async throws -> Void
    /// Whether the pass is over, beside the pipeline being at rest.
    let isDone: @Sendable () async throws -> Bool
    let result: PassResult

    func run() async throws {
        do {
            try await runPipeline()
        } catch {
            await transfer.shutdown()
            throw error
        }
        await transfer.shutdown()
    }

    private func runPipeline() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await pipeline.run()
                return true
            }
            group.addTask {
                try await begin()
                try await waitUntilDone()
                pipeline.stop()
                return false
            }
            group.addTask {
                try await waitForClosedRecords()
                pipeline.stop()
                return false
            }
            // The end of the pipeline ends the wait. An error before that ends the pass.
            for try await hasEnded in group where hasEnded {
                group.cancelAll()
                return
            }
        }
    }

    /// Returns when nothing could be recorded for so long that the pass ends. Work may be left then.
    private func waitForClosedRecords() async throws {
        while true {
            try await Task.sleep(for: .milliseconds(500))
            guard pipeline.recordsClosed != nil else { continue }
            let outstanding = try await pipeline.outstanding()
            guard outstanding.recordsClosed != nil else { continue }
            return result.end(outstanding)
        }
    }

    private func canFlush() async -> Bool {
        do {
            try await pipeline.flush()
            return true
        } catch {
            return false
        }
    }

    private func waitUntilDone() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let outstanding = try await pipeline.outstanding()
            // While the manifest cannot be written, the pass goes on until its patience ends.
            if !outstanding.isBusy, try await isDone(), await canFlush() {
                result.end(outstanding)
                return
            }
            try await Task.sleep(for: Self.pause)
        }
    }
}

/// How a pass went. Filled as the pass goes.
final class PassResult: Sendable {
    private struct State {
        var uploaded = 0
        var reused = 0
        var rejected: Set<FilePath> = []
        var outstanding: Outstanding?
    }

    private let state = Mutex(State())

    func observe(_ event: PipelineEvent) {
        state.withLock { state in
            switch event {
            case .uploaded: state.uploaded += 1
            case .reused, .adopted: state.reused += 1
            case .rejected(let path, _): state.rejected.insert(path)
            // The file may have been rejected earlier, before its account turned out to be at fault.
            case .queued(let file): state.rejected.remove(file.path)
            default: break
            }
        }
    }

    func end(_ outstanding: Outstanding) {
        state.withLock { $0.outstanding = outstanding }
    }

    var uploaded: Int { state.withLock { $0.uploaded } }
    var reused: Int { state.withLock { $0.reused } }
    var rejected: Int { state.withLock { $0.rejected.count } }
    /// What was left at the end; nil if the pass was broken off.
    var outstanding: Outstanding? { state.withLock { $0.outstanding } }
}
