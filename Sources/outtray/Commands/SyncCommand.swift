import ArgumentParser
import Ledger
import Logging
import Pipeline
import Providers
import SystemPackage
import Watch

/// `outtray sync`: one pass over the folders.
struct SyncCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Upload what is in the folders now, then exit: for cron.",
        discussion: """
            Files that keep changing, files of an account that cannot be reached, and folders whose file system has not \
            answered for 30 s are left for the next pass. A failing file is tried three times.

            Exit codes: 0 all done, 65 some files were rejected in this pass, 75 some files wait for another try, a \
            folder or directory could not be looked through, a file that is up could not leave its folder, \
            events of a hook wait, or the daemon is running; 78 wrong configuration, or a damaged or old ledger.
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var log: LogOptions

    func run() async throws {
        let checked = try options.file.readAndCheck(needsFolders: true)
        let (configuration, keys) = (checked.configuration, checked.keys)
        let logger = log.logger
        EarlySignals.noteEnd()
        let workplace = try Workplace(configuration, logger: logger)
        let transfer = Transfer(logger: logger)
        let assembly = Assembly(
            configuration: configuration,
            keys: keys,
            transfer: transfer,
            fleet: configuration.fleetPlan
        )
        let result = PassResult()
        let events = EventLog(logger: logger)
        let pipeline = Pipeline(
            assembly.plan(),
            ledger: workplace.ledger,
            fleet: try configuration.fleetMember(workplace.ledger, in: options.file, logger: logger),
            logger: logger,
            explain: DirectoryTrouble.explanation(in: Surroundings(options.file.environment))
        ) { event in
            result.observe(event)
            events.observe(event)
        }
        let pass = Pass(
            pipeline: pipeline,
            transfer: transfer,
            begin: {},
            isDone: { true },
            result: result
        )
        try await Foreground.run(pass, logger: logger)
        defer {
            workplace.close()
            // What is left may still hang, such as a thread that starts a hook's program.
            HungEnd(logger: logger).within(HungEnd.lastPatience)
        }
        try await finish(result, workplace)
    }

    private func finish(_ result: PassResult, _ workplace: Workplace) async throws {
        guard let outstanding = result.outstanding else { throw ExitStatus.tryAgain }
        if let reason = outstanding.recordsClosed {
            Console.tell(
                Notice(
                    .error,
                    "nothing can be recorded, so nothing more was sent: \(printable(reason))",
                    as: "nothing can be recorded, so nothing more was sent",
                    ["reason": "\(reason)"]
                )
            )
            throw ExitStatus.tryAgain
        }
        let waiting = outstanding.waiting
        Console.tell(
            Notice(
                .info,
                "\(result.uploaded) uploaded, \(result.reused) known already, \(result.rejected) rejected, "
                    + "\(waiting) waiting",
                as: "pass ended",
                [
                    "files.uploaded": "\(result.uploaded)", "files.known": "\(result.reused)",
                    "files.rejected": "\(result.rejected)", "files.waiting": "\(waiting)",
                ]
            )
        )
        for line in outstanding.troubles { Console.tell(Notice(.warning, "  \(line)")) }
        if waiting > 0 {
            for record in try await workplace.ledger.waiting(limit: 10) {
                Console.tell(
                    Notice(
                        .warning,
                        "  \(printablePath(record.path)): \(record.state.rawValue), \(printable(record.words))",
                        as: "file waits",
                        [
                            "file.path": "\(ManifestKey(record.path).text)", "state": "\(record.state.rawValue)",
                            "reason": "\(record.words)",
                        ]
                    )
                )
            }
        }
        if waiting > 0 || !outstanding.isWhole { throw ExitStatus.tryAgain }
        if result.rejected > 0 { throw ExitStatus.someRejected }
    }
}

extension Outstanding {
    /// What kept the pass from seeing and doing all, a line for each.
    var troubles: [String] {
        var lines: [String] = []
        for pause in paused { lines.append(printable(pause.subject.words)) }
        for (name, path) in silent.sorted(by: { $0.key < $1.key }) {
            lines.append("folder \(printable(name)) waits: the file system of \(printablePath(path)) does not answer")
        }
        for (name, unread) in unread.sorted(by: { $0.key < $1.key }) where silent[name] == nil {
            let others = unread.count > 1 ? " (and \(unread.count - 1) more of its directories)" : ""
            let first = printablePath(unread.first)
            let reason = printable(unread.reason)
            let words = reason.contains(first) ? reason : "\(first) cannot be read: \(reason)"
            lines.append("folder \(printable(name)) was not looked through: \(words)\(others)")
        }
        for hook in hooks {
            let reason = hook.lastReason.map { ": \(printable($0))" } ?? ""
            lines.append("hook \(printable(hook.name)) failed, \(hook.waiting) of its events wait\(reason)")
        }
        if staying.count > 0 {
            lines.append("\(staying.count) that are up could not leave their folder (after_upload)")
            lines += staying.first.map { "\(printablePath($0.path)): \(printable($0.reason))" }
        }
        return lines
    }
}
