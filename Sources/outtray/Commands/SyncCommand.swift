import ArgumentParser
import Ledger
import Logging
import Pipeline
import Providers
import SystemPackage

/// `outtray sync`: one pass over the folders.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Upload what is in the folders now, then exit: for cron.",
        discussion: """
            Files that keep changing, files of an account that cannot be reached, and folders whose file system has not \
            answered for 30 s are left for the next pass. A failing file is tried three times.

            Exit codes: 0 all done, 65 some files were rejected in this pass, 75 some files wait for another try (or \
            the daemon is running), 78 wrong configuration or a damaged ledger.
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var log: LogOptions

    func run() async throws {
        let (configuration, keys) = try options.file.readAndCheck()
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
        try await finish(result, workplace)
    }

    private func finish(_ result: PassResult, _ workplace: Workplace) async throws {
        guard let waiting = result.waiting else { throw ExitStatus.tryAgain }
        if let reason = result.recordsClosed {
            Console.tell("nothing can be recorded, so nothing more was sent: \(reason)")
            throw ExitStatus.tryAgain
        }
        Console.tell(
            "\(result.uploaded) uploaded, \(result.reused) known already, \(result.rejected) rejected, \(waiting) waiting"
        )
        for (name, path) in result.silent.sorted(by: { $0.key < $1.key }) {
            Console.tell("  folder \(name) waits: the file system of \(printablePath(path)) does not answer")
        }
        if waiting > 0 {
            for record in try await workplace.ledger.waiting(limit: 10) {
                Console.tell("  \(printablePath(record.path)): \(record.state.rawValue), \(record.words)")
            }
        }
        if waiting > 0 || !result.silent.isEmpty { throw ExitStatus.tryAgain }
        if result.rejected > 0 { throw ExitStatus.someRejected }
    }
}
