import ArgumentParser
import Control
import Ledger
import Pipeline
import SystemPackage
import Threads
import UnixSignals

/// `outtray manifest verify`: do snapshot, journal, ledger and disk agree? And the providers?
struct ManifestVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare snapshot, journal, ledger and disk: each difference is a line with what to do.",
        discussion: """
            Reads all of them, changes nothing, and sends nothing. It works beside a running service: what the ledger \
            knows and the files do not show yet is newer, and no difference.

            With --remote it also asks each entry's provider whether the asset is still there, and changes nothing \
            there. That is a call for each asset, at the account's pace: 60 a minute and 1000 in 15 minutes, unless \
            the configuration says otherwise. Paths limit it to these entries, and to those in these directories. \
            Ctrl-C ends it; what was found by then has been told.

              outtray manifest verify --remote /srv/inbox/launch

            Exit codes: 0 they agree, 65 they differ, 66 the manifest or a folder cannot be read, 73 standard output \
            could not be written, 75 there is no manifest or ledger yet, or the ledger is busy or of an earlier \
            version; with --remote also: some entries cannot be told now, or it was interrupted; 77 no permission, 78 \
            wrong configuration or a damaged ledger.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Also ask each entry's provider whether the asset is still there.")
    var remote = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @Argument(help: "With --remote: these files, and those in these directories.", completion: .file())
    var paths: [PathArgument] = []

    func validate() throws {
        if !remote, !paths.isEmpty { throw ValidationError("paths go with --remote") }
    }

    func run() async throws {
        let configuration = try options.file.read()
        let plan = configuration.manifestPlan
        guard let result = try result(configuration) else {
            Console.tell(
                "outtray: there is no manifest yet, or the ledger is of an earlier version: start the service once"
            )
            throw ExitStatus.tryAgain
        }
        if remote { EarlySignals.noteEnd() }
        let display = VerifyDisplay(plan, json: json)
        for difference in result.differences { display.tell(difference) }
        if !json, result.differences.isEmpty {
            Console.print(
                "ok  \(Words.number(result.entries)) entries and \(Words.number(result.rejected)) rejected agree"
            )
        }
        let asked = remote ? try await ask(for: result.remote, configuration, display) : nil
        if json { Console.print(display.json(result, asked).json) }
        if result.unmounted > 0 {
            Console.tell(
                "outtray: \(Words.files(result.unmounted)) \(result.unmounted == 1 ? "is" : "are") on file systems that "
                    + "are not mounted, as far as can be told: their entries stay"
            )
        }
        if result.silent > 0 {
            Console.tell("outtray: \(result.silent) files were not looked at: their file system does not answer")
            throw ExitStatus.noInput
        }
        if !result.differences.isEmpty || asked?.tally.differences.isEmpty == false { throw ExitStatus.someRejected }
        if let asked, asked.isInterrupted || asked.tally.unknown > 0 { throw ExitStatus.tryAgain }
    }

    /// The entries at or below the paths of the command; all without such paths.
    private func chosen(among all: [RemoteVerification.Entry]) throws -> [RemoteVerification.Entry] {
        if paths.isEmpty { return all }
        let chosen = Set(paths.map(\.absolute))
        var found: Set<FilePath> = []
        let entries = all.filter { entry in
            var ancestors = [entry.path]
            while let last = ancestors.last, !last.components.isEmpty { ancestors.append(last.removingLastComponent()) }
            let hits = ancestors.filter(chosen.contains)
            found.formUnion(hits)
            return !hits.isEmpty
        }
        if let path = chosen.subtracting(found).first {
            Console.tell("outtray: the manifest has no entry at \(printablePath(path))")
            throw ExitStatus.tryAgain
        }
        return entries
    }

    /// Asks the providers, until Ctrl-C.
    private func ask(
        for all: [RemoteVerification.Entry],
        _ configuration: Configuration,
        _ display: VerifyDisplay
    ) async throws -> RemoteOutcome {
        let entries = try chosen(among: all)
        let inquiry = AssetInquiry(options.file, stateDirectory: configuration.stateDirectory)
        let verification = RemoteVerification { try await inquiry.look(at: $0) }
        display.begin(entries.count)
        let result: Result<Bool, any Error>
        do {
            result = .success(
                try await isInterrupted { try await verification.run(entries) { display.tell($0) } }
            )
        } catch {
            result = .failure(error)
        }
        await inquiry.end()
        let tally = display.end()
        do {
            let outcome = RemoteOutcome(entries: entries.count, tally: tally, isInterrupted: try result.get())
            if !json { Console.print(outcome.words) }
            if outcome.isInterrupted {
                Console.tell(
                    "outtray: interrupted, \(Words.number(entries.count - tally.count)) entries were not asked for"
                )
            }
            return outcome
        } catch let error as ControlTrouble {
            throw RunningService.exit(error)
        }
    }

    /// Does work until it ends or the process is told to end. Returns whether it was told.
    private func isInterrupted(_ work: @escaping @Sendable () async throws -> Void) async throws -> Bool {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        if EarlySignals.wantEnd { return true }
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await work()
                return false
            }
            group.addTask {
                for await _ in signals { return true }
                try await Task.sleep(for: .seconds(1 << 30))
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    private func result(_ configuration: Configuration) throws -> ManifestVerification.Result? {
        guard !LedgerRepair(directory: configuration.stateDirectory).isMissing else { return nil }
        do {
            return try ManifestVerification(
                configuration: configuration,
                probe: FolderProbe.look(at: configuration.folders),
                keepsEntries: remote
            ).result()
        } catch let error as WorkplaceError {
            throw error
        } catch let error as SnapshotDamage {
            Console.tell("outtray: \(printable("\(error)"))")
            throw ExitStatus.noInput
        } catch {
            Console.tell("outtray: \(printable("the manifest cannot be read: \(error)"))")
            throw ExitStatus.noInput
        }
    }
}
