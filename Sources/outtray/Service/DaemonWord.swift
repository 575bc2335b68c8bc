import Control
import Logging
import Pipeline
import ServiceLifecycle
import Threads

/// Tells the service manager and the log when the service is ready, at the start and after each reload.
final class DaemonWord: Sendable {
    private struct State {
        var status: ServiceStatus
        var isReloading = false
        /// The line that was told last.
        var told: String?
    }

    /// How often the status is looked at. A person who asks sees no older one.
    private static let pause = Duration.seconds(3)

    private let state: Mutex<State>
    private let manager: ServiceManager
    private let logger: Logger
    /// Rings when there may be something to tell.
    private let news = Doorbell()
    /// Open once the first word was given.
    private let first = Latch(["word"])

    init(folders: [String], manager: ServiceManager, logger: Logger) {
        state = Mutex(State(status: ServiceStatus(folders: folders)))
        self.manager = manager
        self.logger = logger
        news.ring()
    }

    /// Notes that the configuration is being read again. Until the reload ends, nothing is ready.
    func beginReload() {
        state.withLock { $0.isReloading = true }
        manager.reloading()
    }

    /// Notes that another configuration is in force, with these folders.
    func endReload(folders: [String]) {
        state.withLock { state in
            state.isReloading = false
            state.status = state.status.renewed(folders: folders)
        }
        news.ring()
    }

    /// Notes that the configuration was not taken, and says so.
    func refuseReload(_ reason: String) {
        let line = state.withLock { state in
            state.isReloading = false
            state.status.refusal = reason
            state.told = state.status.line
            return state.status.line
        }
        manager.ready(status: line)
    }

    /// Why the last new configuration was not taken; nil if it was.
    var refusal: String? { state.withLock { $0.status.refusal } }

    /// Gives the word when the pipeline has looked through all folders, or after `patience`. After a word with folders
    /// missing, gives another when all are ready.
    ///
    /// Does so at the start and after each reload, until the task is cancelled or all ends.
    func giveWhenReady(_ pipeline: Pipeline, within patience: Duration) async {
        while true {
            await news.wait()
            let missing = await pipeline.ready(within: patience)
            if isOver { return }
            tell(missing, after: patience)
            guard !missing.isEmpty else { continue }
            await pipeline.ready()
            if isOver { return }
            tell([], after: patience)
        }
    }

    /// Tells the service manager what waits and what is under way. A look that finds no change tells nothing.
    ///
    /// Does so from the first word on, until the task is cancelled or all ends. Does nothing if nobody listens.
    func keepTelling(_ look: @Sendable (inout ServiceStatus) async -> Void) async {
        guard manager.isThere else { return }
        await first.wait()
        while !isOver {
            var status = state.withLock { $0.status }
            await look(&status)
            if isOver { return }
            let line = state.withLock { state -> String? in
                state.status.take(status)
                let line = state.status.line
                guard !state.isReloading, line != state.told else { return nil }
                state.told = line
                return line
            }
            if let line { manager.status(line) }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Returns when the service was ready for the first time, or when the task is cancelled.
    func waitUntilGiven() async { await first.wait() }

    /// When all ends, the pipeline's waits return, too.
    private var isOver: Bool { Task.isShuttingDownGracefully || Task.isCancelled }

    private func tell(_ missing: [String], after patience: Duration) {
        let status = state.withLock { state -> ServiceStatus? in
            state.status.missing = missing
            if state.isReloading { return nil }
            state.told = state.status.line
            return state.status
        }
        // The end of the reload rings again.
        guard let status else { return }
        manager.ready(status: status.line)
        defer { first.open() }
        if missing.isEmpty {
            logger.notice("watching", metadata: ["folders": "\(status.folders.joined(separator: ", "))"])
        } else {
            logger.warning(
                "folders do not answer or are large, going on meanwhile",
                metadata: ["folders": "\(missing.joined(separator: ", "))", "after": "\(patience)"]
            )
        }
    }
}
