import Control
import Logging
import Pipeline
import Providers
import ServiceLifecycle
import UnixSignals

/// What `outtray run` runs: one pipeline after another, a new one whenever the configuration is read again.
///
/// `SIGHUP` reads the file again; it is checked whole, then swapped in. A bad one changes nothing and is logged.
struct Daemon: Service {
    /// How long the first look at the folders may hold up the word that all is ready.
    private static let patience = Duration.seconds(30)

    let file: ConfigurationFile
    let configuration: Configuration
    let keys: [String: Secret]
    let workplace: Workplace
    let manager: ServiceManager
    let logger: Logger

    func run() async throws {
        let hangUp = Doorbell()
        try await withThrowingTaskGroup(of: Void.self) { group in
            // One listener for the daemon's whole life: a SIGHUP between two pipelines is kept.
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sighup) { hangUp.ring() }
            }
            try await runPipelines(hangUp)
            group.cancelAll()
        }
    }

    private func runPipelines(_ hangUp: Doorbell) async throws {
        let transfer = Transfer(logger: logger)
        var current: (Configuration, [String: Secret])? = (configuration, keys)
        do {
            while let (configuration, keys) = current {
                let assembly = Assembly(configuration: configuration, keys: keys, transfer: transfer)
                current = try await run(assembly, hangUp)
            }
        } catch {
            await transfer.shutdown()
            throw error
        }
        manager.stopping()
        await transfer.shutdown()
    }

    /// Runs one pipeline until shutdown (nil) or until there is another configuration.
    private func run(_ assembly: Assembly, _ hangUp: Doorbell) async throws -> (Configuration, [String: Secret])? {
        let log = EventLog(logger: logger)
        let pipeline = Pipeline(assembly.plan(), ledger: workplace.ledger, logger: logger) { log.take($0) }
        return try await withThrowingTaskGroup(of: Next.self) { group in
            group.addTask {
                try await pipeline.run()
                return .ended
            }
            group.addTask { .ready(without: await pipeline.ready(within: Self.patience)) }
            group.addTask { await reload(assembly, pipeline, hangUp) }
            var next: (Configuration, [String: Secret])?
            for try await result in group {
                switch result {
                // It is also told to whoever waits when all ends.
                case .ready where Task.isShuttingDownGracefully || Task.isCancelled: continue
                case .ready(let missing):
                    tellReady(assembly.configuration, without: missing)
                    guard !missing.isEmpty else { continue }
                    group.addTask {
                        await pipeline.ready()
                        return .ready(without: [])
                    }
                case .reload(let configuration, let keys):
                    next = (configuration, keys)
                    pipeline.stop()
                case .ended:
                    group.cancelAll()
                }
            }
            return next
        }
    }

    private enum Next: Sendable {
        /// All folders but these were looked through.
        case ready(without: [String])
        case reload(Configuration, [String: Secret])
        case ended
    }

    private func tellReady(_ configuration: Configuration, without missing: [String]) {
        guard missing.isEmpty else {
            let names = missing.joined(separator: ", ")
            manager.ready(status: status(of: configuration) + "; not looked through yet: " + names)
            logger.warning(
                "folders do not answer or are large, going on meanwhile",
                metadata: ["folders": "\(names)", "after": "\(Self.patience)"]
            )
            return
        }
        manager.ready(status: status(of: configuration))
        let folders = configuration.folders.map(\.name).joined(separator: ", ")
        logger.notice("watching", metadata: ["folders": "\(folders)"])
    }

    private func status(of configuration: Configuration) -> String {
        "watching " + configuration.folders.map(\.name).joined(separator: ", ")
    }

    /// Waits for a SIGHUP that brings another configuration; the same one again just opens the accounts.
    private func reload(_ assembly: Assembly, _ pipeline: Pipeline, _ hangUp: Doorbell) async -> Next {
        while true {
            await hangUp.wait()
            if Task.isCancelled { return .ended }
            manager.reloading()
            do throws(ConfigurationError) {
                let (configuration, keys) = try file.readAndCheck()
                logger.notice("configuration read again", metadata: ["file": "\(file.path)"])
                if configuration.stateDirectory != assembly.configuration.stateDirectory {
                    logger.error("state_dir cannot change while running, restart instead")
                } else if configuration != assembly.configuration || keys != assembly.keys {
                    return .reload(configuration, keys)
                } else {
                    await pipeline.openAccounts()
                }
            } catch {
                logger.error("configuration not taken, the old one stays", metadata: ["problems": "\(error)"])
            }
            manager.ready(status: status(of: assembly.configuration))
        }
    }
}
