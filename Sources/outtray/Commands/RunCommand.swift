import ArgumentParser
import Control
import Foundation
import Logging
import Pipeline
import ServiceLifecycle
import Threads

/// `outtray run`: the daemon, in the foreground.
struct RunCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Watch the folders and upload, until told to stop: what systemd starts.",
        discussion: """
            SIGTERM and SIGINT end it: nothing more is begun, uploads that can finish within shutdown_timeout do so, \
            and all others go on with the next start. A second signal ends it at once. SIGHUP reads the configuration \
            again: a good one is taken, a bad one is logged and changes nothing.

            The running service answers HTTP on a Unix socket: $RUNTIME_DIRECTORY/outtray.sock, else control.sock in \
            the state directory. It has /healthz, /readyz and /metrics. With listen in the configuration, a part of \
            that is served over TCP as well.

            Exit codes: 0 it was told to stop, 75 another outtray works with the state directory, 77 no permission, \
            78 wrong configuration, or a damaged or old ledger.
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var log: LogOptions

    func run() async throws {
        let checked = try options.file.readAndCheck(needsFolders: true, needsSocket: true)
        let logger = log.logger
        let environment = ProcessInfo.processInfo.environment
        let manager = ServiceManager(environment)
        EarlySignals.noteEnd()
        let metrics = PipelineMetrics(MetricRegistry())
        let workplace = try Workplace(checked.configuration, logger: logger) { metrics.committed(in: $0) }
        let hung = HungEnd(logger: logger)
        let daemon = Daemon(
            file: options.file,
            checked: checked,
            workplace: workplace,
            metrics: metrics,
            version: Outtray.version,
            manager: manager,
            hung: hung,
            logger: logger
        )
        let watchdog = Watchdog(
            service: daemon,
            time: ServiceManager.watchdog(environment),
            loops: Loops(),
            clock: ContinuousClock(),
            logger: logger
        ) { manager.alive() }
        try await Foreground.run(watchdog, patience: Daemon.longestEnd, hung: hung, logger: logger)
        workplace.close()
        // What is left may still hang, such as a thread that starts a hook's program.
        hung.within(HungEnd.lastPatience)
    }
}
