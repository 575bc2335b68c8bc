import Control
import Ledger
import Logging
import Pipeline
import Providers
import ServiceLifecycle
import SystemPackage
import Threads
import UnixSignals

/// The service of `outtray run`: one pipeline, which takes each new configuration.
///
/// `SIGHUP` reads the file again. The file is checked whole, as at a start, then taken. A bad file changes nothing. The
/// log and the service manager's status say so.
struct Daemon: Service {
    /// How long the first look at the folders may delay the word that all is ready.
    private static let patience = Duration.seconds(30)
    /// How long the end takes at most, beside the uploads that may finish: the manifest, connections, the ledger.
    private static let lastSteps = Duration.seconds(20)
    /// After this time, an end that hangs is broken off.
    static let longestEnd = Configuration.longestShutdown + lastSteps

    let file: ConfigurationFile
    let checked: CheckedConfiguration
    let workplace: Workplace
    let metrics: PipelineMetrics
    /// The version of this program, for those who ask at the control socket.
    let version: String
    let manager: ServiceManager
    let hung: HungEnd
    let logger: Logger

    func run() async throws {
        let transfer = Transfer(logger: logger)
        do {
            try await run(transfer)
        } catch {
            await transfer.shutdown()
            throw error
        }
        await transfer.shutdown()
    }

    private func run(_ transfer: Transfer) async throws {
        let log = EventLog(logger: logger)
        let configuration = checked.configuration
        let plan = assembly(of: checked, transfer).plan(isService: true)
        let front = ServiceFront(workplace, file, metrics: metrics, version: version, logger: logger)
        front.listener.take(checked.listen)
        let pipeline = Pipeline(
            plan,
            ledger: workplace.ledger,
            fleet: try configuration.fleetMember(workplace.ledger, in: file, logger: logger),
            logger: logger,
            explain: DirectoryTrouble.explanation(in: Surroundings(file.environment))
        ) { event in
            log.observe(event)
            front.observe(event)
        }
        log.report(checked.hindrances)
        let desk = ReloadDesk()
        let word = DaemonWord(folders: configuration.folders.map(\.name), manager: manager, logger: logger)
        try await withGracefulShutdownHandler {
            try await front.serve(
                pipeline,
                refusal: { word.refusal },
                reload: { try await desk.ask() },
                while: { try await work(pipeline, transfer, front.listener, word, desk, log) }
            )
        } onGracefulShutdown: {
            let timeout = pipeline.shutdownTimeout
            hung.within(timeout + Self.lastSteps)
            manager.stopping(within: timeout + Self.lastSteps)
            logger.notice("ending, uploads that can finish do so", metadata: ["within": "\(timeout)"])
        }
    }

    private func work(
        _ pipeline: Pipeline,
        _ transfer: Transfer,
        _ listener: TCPListener,
        _ word: DaemonWord,
        _ desk: ReloadDesk,
        _ log: EventLog
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let signals = await UnixSignalsSequence(trapping: .sighup)
                if EarlySignals.wantReload { desk.ring() }
                for await _ in signals { desk.ring() }
            }
            group.addTask { await word.giveWhenReady(pipeline, within: Self.patience) }
            group.addTask {
                await word.keepTelling { await look(at: pipeline, &$0) }
            }
            group.addTask { try await reload(pipeline, transfer, listener, word, desk, log) }
            defer { group.cancelAll() }
            try await pipeline.run()
        }
    }

    /// Looks what waits and what is under way. A number that the ledger does not tell now stays as it was.
    private func look(at pipeline: Pipeline, _ status: inout ServiceStatus) async {
        if let tallies = try? await workplace.ledger.tallies() {
            status.waiting = tallies.reduce(0) { $0 + ($1.wait == nil ? 0 : $1.files) }
            status.uploading = tallies.reduce(0) { $0 + ($1.state == .uploading ? $1.files : 0) }
        }
        status.blocked = await pipeline.accountBlocks.compactMap { name, cause in cause.map { (name, $0) } }
        status.recordsTrouble = pipeline.closedRecords?.reason
    }

    /// Takes a new configuration with each SIGHUP and each wish at the socket, one at a time. Those that come before
    /// the service is ready lead to one reload once it is.
    private func reload(
        _ pipeline: Pipeline,
        _ transfer: Transfer,
        _ listener: TCPListener,
        _ word: DaemonWord,
        _ desk: ReloadDesk,
        _ log: EventLog
    ) async throws {
        await word.waitUntilGiven()
        while true {
            let answer = await desk.next()
            if Task.isCancelled || Task.isShuttingDownGracefully { return }
            word.beginReload()
            do {
                // The check looks at the folders, and their file systems may hang.
                let checked = try await BlockingThreads.shared.run { try read() }
                let configuration = checked.configuration
                let assembly = assembly(of: checked, transfer)
                // A token that is no longer good ends at once, even while the ledger cannot be written.
                listener.take(checked.listen)
                try await pipeline.apply(assembly.plan(isService: true))
                logger.notice("configuration read again", metadata: ["file": "\(file.path)"])
                log.report(checked.hindrances)
                let folders = configuration.folders.map(\.name)
                word.endReload(folders: folders)
                // Claims that are held, and what is published, hang on the fleet that this process began with.
                let hasOtherFleet = configuration.fleetPlan != self.checked.configuration.fleetPlan
                if hasOtherFleet { logger.warning("what changed in fleet takes effect at the next start") }
                answer(.taken(folders: folders, atNextStart: hasOtherFleet ? ["fleet"] : []))
            } catch let error as ConfigurationError {
                logger.error("configuration not taken, the old one stays", metadata: ["problems": "\(error)"])
                word.refuseReload(error.summary)
                answer(.refused("\(error)"))
            } catch is CancellationError {
                return
            }
        }
    }

    /// The fleet is the one that this process began with.
    private func assembly(of checked: CheckedConfiguration, _ transfer: Transfer) -> Assembly {
        Assembly(
            configuration: checked.configuration,
            keys: checked.keys,
            transfer: transfer,
            fleet: self.checked.configuration.fleetPlan
        )
    }

    /// Blocks.
    private func read() throws(ConfigurationError) -> CheckedConfiguration {
        let checked = try file.readAndCheck(needsFolders: true, needsSocket: true)
        let configuration = checked.configuration
        guard configuration.stateDirectory == workplace.directory else {
            let problem = configuration.places["state_dir"].saying(
                "it cannot change while the service runs: restart it"
            )
            throw ConfigurationError(file: file.path, problems: [problem])
        }
        do {
            try Workplace.refuseOldLedger(configuration)
        } catch {
            throw ConfigurationError(
                file: file.path,
                problems: [configuration.manifest.places["path"].saying("\(error)")]
            )
        }
        return checked
    }
}
