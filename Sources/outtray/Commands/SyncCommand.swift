import ArgumentParser
import Ledger
import Logging
import Pipeline
import Providers
import SystemPackage
import Watch

/// `outtray sync`: one pass over the folders.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Upload what is in the folders now, then exit: for cron.",
        discussion: """
            Files that keep changing, files of an account that cannot be reached, and folders whose file system has not \
            answered for 30 s are left for the next pass. A failing file is tried three times.

            Exit codes: 0 all done, 65 some files were rejected in this pass, 75 some files wait for another try, a \
            folder or directory could not be looked through, a file that is up could not leave its folder, or the \
            daemon is running; 78 wrong configuration, or a damaged or old ledger.
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var log: LogOptions

    func run() async throws {
        let (configuration, keys) = try options.file.readAndCheck(needsFolders: true)
        let logger = log.logger
        let workplace = try Workplace(configuration, logger: logger)
        let transfer = Transfer(logger: logger)
        let assembly = Assembly(configuration: configuration, keys: keys, transfer: transfer)
        let result = PassResult()
        let events = EventLog(logger: logger)
        let pipeline = Pipeline(assembly.plan(), ledger: workplace.ledger, logger: logger) { event in
            result.take(event)
            events.take(event)
        }
        let pass = Pass(
            pipeline: pipeline,
            transfer: transfer,
            begin: {},
            isDone: { true },
            result: result
        )
        try await Foreground.run(pass, logger: logger)
        defer { workplace.close() }
        try await finish(result, workplace)
    }

    private func finish(_ result: PassResult, _ workplace: Workplace) async throws {
        guard let outstanding = result.outstanding else { throw ExitStatus.tryAgain }
        if let reason = outstanding.recordsClosed {
            Console.tell("nothing can be recorded, so nothing more was sent: \(printable(reason))")
            throw ExitStatus.tryAgain
        }
        let waiting = outstanding.waiting
        Console.tell(
            "\(result.uploaded) uploaded, \(result.reused) known already, \(result.rejected) rejected, \(waiting) waiting"
        )
        for line in outstanding.troubles { Console.tell("  \(line)") }
        if waiting > 0 {
            for record in try await workplace.ledger.waiting(limit: 10) {
                let reason = printable(record.words)
                Console.tell("  \(printablePath(record.path)): \(record.state.rawValue), \(reason)")
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
        for (name, path) in silent.sorted(by: { $0.key < $1.key }) {
            lines.append("folder \(printable(name)) waits: the file system of \(printablePath(path)) does not answer")
        }
        for (name, unread) in unread.sorted(by: { $0.key < $1.key }) where silent[name] == nil {
            let others = unread.count > 1 ? " and \(unread.count - 1) more" : ""
            let first = printablePath(unread.first)
            lines.append("folder \(printable(name)) was not looked through: \(first)\(others) cannot be read")
        }
        if staying.count > 0 {
            lines.append("\(staying.count) that are up could not leave their folder (after_upload)")
            lines += staying.first.map { "\(printablePath($0.path)): \(printable($0.reason))" }
        }
        return lines
    }
}
