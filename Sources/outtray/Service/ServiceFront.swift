import Control
import Ledger
import Logging
import Pipeline
import SystemPackage
import Threads

/// What the service answers to others while it works: at the control socket, and over TCP where that is asked for.
final class ServiceFront: Sendable {
    let listener: TCPListener
    /// Who is logged in to the page.
    let sessions: PageSessions
    private let workplace: Workplace
    private let configuration: ConfigurationFile
    private let metrics: PipelineMetrics
    private let version: String
    private let logger: Logger
    private let events: EventRing
    private let drops: DropRecords
    /// The pipeline tells it, and it asks the pipeline.
    private let waiting = Mutex<FileWaits?>(nil)

    /// Reads small files of the state directory, which blocks.
    init(
        _ workplace: Workplace,
        _ configuration: ConfigurationFile,
        metrics: PipelineMetrics,
        version: String,
        logger: Logger
    ) {
        self.workplace = workplace
        self.configuration = configuration
        self.metrics = metrics
        self.version = version
        self.logger = logger
        // No other start has this name, as one process at a time works with the state directory.
        events = EventRing(start: String(Timestamp.now().milliseconds, radix: 36))
        sessions = PageSessions(workplace.directory.appending("page-sessions.json"))
        drops = DropRecords(workplace.directory.appending("drops"))
        listener = TCPListener(sessions, logger: logger)
    }

    func observe(_ event: PipelineEvent) {
        metrics.observe(event)
        events.observe(event)
        waiting.withLock { $0 }?.observe(event)
    }

    /// Serves while `work` runs.
    ///
    /// `refusal` tells why the last new configuration was not taken, and `reload` reads it again.
    func serve(
        _ pipeline: Pipeline,
        refusal: @escaping @Sendable () -> String?,
        reload: @escaping @Sendable () async throws -> ReloadOutcome,
        while work: @Sendable () async throws -> Void
    ) async throws {
        let waits = FileWaits(
            look: { [weak pipeline] in try await pipeline?.waitedFiles($0) ?? [] },
            list: { [weak pipeline] in try await pipeline?.files(inDirectory: $0) },
            shown: { [weak pipeline] in try await pipeline?.catchUpManifest() }
        )
        waiting.withLock { $0 = waits }
        let control = ServiceControl(
            pipeline: pipeline,
            ledger: workplace.ledger,
            metrics: metrics,
            version: version,
            configuration: configuration,
            stateDirectory: workplace.directory,
            startedAt: .now(),
            refusal: refusal,
            listener: listener,
            sessions: sessions,
            waits: waits,
            events: events,
            drops: drops,
            reload: reload
        )
        let place = SocketPlace(configuration.environment, stateDirectory: workplace.directory)
        try await ControlServer(place, control.router(LongAnswers()), logger: logger).serve { [drops, listener] in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await waits.run() }
                // A folder whose disk hangs must hold up nothing else.
                group.addTask { try? await BlockingThreads(name: "drops", bound: 1).run { drops.clear() } }
                // Those who follow over TCP take no place from those at the socket.
                group.addTask { await listener.run(control.router(LongAnswers(most: 32))) }
                defer { group.cancelAll() }
                try await work()
            }
        }
    }
}
