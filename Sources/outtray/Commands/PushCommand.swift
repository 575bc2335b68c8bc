import ArgumentParser
import Foundation
import Ledger
import Logging
import Pipeline
import Providers
import SystemPackage
import Threads
import Watch

/// `outtray push FILE…`: these files, now.
struct PushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Upload these files now, and print their ids.",
        discussion: """
            A file in a watched folder goes through that folder's account; for one from elsewhere --account names it \
            (where there is only one, it need not). It is recorded in the manifest like any other. Where the daemon \
            is running, it does the work, and this command waits for it.

            Prints one line a file: its id (asset URN, media id or public URL), a tab, its path; with --json the \
            manifest's entry.

            A file that is not there (any more), or is no media, is rejected, whatever went up under its name before.

            Exit codes: 0 all are up, 65 some were rejected, 73 standard output could not be written, 75 some wait for \
            another try, 78 wrong configuration, or a damaged or old ledger.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: ArgumentHelp("Through this account, for files outside the watched folders.", valueName: "name"))
    var account: String?

    @Flag(help: "Print one JSON object a line: the manifest's entry.")
    var json = false

    @Argument(help: "The files.", completion: .file())
    var files: [PathArgument]

    /// How long a folder is asked for its `.outtrayignore` files. They are read once more when the file is opened.
    private static let patience = Duration.seconds(5)

    @Option(help: .hidden)
    var logLevel = "critical"

    func run() async throws {
        let checked = try options.file.readAndCheck(needsFolders: false)
        let (configuration, keys) = (checked.configuration, checked.keys)
        let logger = Logger(label: "outtray", level: Logger.Level(rawValue: logLevel) ?? .critical)
        var sources: [PushSource] = []
        // Folders whose file system does not answer. They are asked no more.
        var silent: Set<String> = []
        for file in files { sources.append(try await source(of: file, configuration, &silent)) }

        let outcome: PushOutcome
        EarlySignals.noteEnd()
        do {
            let workplace = try Workplace(configuration, logger: logger)
            let transfer = Transfer(logger: logger)
            let assembly = Assembly(
                configuration: configuration,
                keys: keys,
                transfer: transfer,
                fleet: configuration.fleetPlan
            )
            let fleet = try configuration.fleetMember(workplace.ledger, in: options.file, logger: logger)
            let ledger = workplace.ledger
            outcome = try await PushHere(assembly: assembly, ledger: ledger, fleet: fleet, logger: logger).push(sources)
            workplace.close()
        } catch WorkplaceError.held {
            let ledger = try Workplace.ledgerOfAnother(configuration, logger: logger)
            outcome = try await PushThere(directory: configuration.stateDirectory, ledger: ledger).push(sources)
        }
        try report(outcome)
    }

    /// The account that a file goes through, and the directory beneath which it is opened.
    private func source(
        of file: PathArgument,
        _ configuration: Configuration,
        _ silent: inout Set<String>
    ) async throws -> PushSource {
        let path = file.absolute
        let folder = configuration.folders.first { path.starts(with: $0.path) && path != $0.path }
        let only = configuration.accounts.count == 1 ? configuration.accounts.first?.name : nil
        guard let name = folder?.account ?? account ?? only else {
            let known = configuration.accounts.map(\.name).joined(separator: ", ")
            throw ValidationError("\(printablePath(path)) is in no watched folder: say --account (one of \(known))")
        }
        guard let account = configuration.account(name) else {
            throw ValidationError("there is no account \(name)")
        }
        guard let folder = folder.flatMap(configuration.plan) else {
            let root = path.removingLastComponent()
            let admission = configuration.admission(of: account)
            let classifier = Classifier(folder: nil, root: root, account: name, admission: admission)
            return PushSource(
                path: path,
                folder: nil,
                root: root,
                leaves: false,
                exclusion: nil,
                classifier: classifier
            )
        }
        return PushSource(
            path: path,
            folder: folder.name,
            root: folder.path,
            leaves: folder.afterUpload != .keep,
            exclusion: try await exclusion(of: path, in: folder.watched, &silent),
            classifier: Classifier(folder)
        )
    }

    /// Why the folder that a file lies in passes over it; nil if the folder takes it.
    private func exclusion(
        of path: FilePath,
        in folder: WatchedFolder,
        _ silent: inout Set<String>
    ) async throws -> String? {
        var exclusion = folder.exclusion(of: path)
        if !silent.contains(folder.name) {
            let patience = Patience(Self.patience, clock: ContinuousClock())
            let asked = try await BlockingThreads.shared.run(within: patience) { folder.exclusionOnDisk(of: path) }
            // Their word may be that a file goes up which the configuration passes over.
            if let asked { exclusion = asked } else { silent.insert(folder.name) }
        }
        return switch exclusion {
        case .subdirectory: "its folder \(folder.name) does not watch subdirectories (recursive: false): move it up"
        case .ignored(let name, let match):
            "its folder \(folder.name) passes over the name \(FilePath(root: nil, components: name)): give it another "
                + "one, or see ignore; \(match.words)"
        case .sidecar(let name):
            "it is a sidecar in its folder \(folder.name), by its name \(FilePath(root: nil, components: name)), and goes "
                + "with other files: give it another name, or see sidecars"
        case .marker(let name):
            "it is the marker of another file in its folder \(folder.name), by its name "
                + "\(FilePath(root: nil, components: name)): give it another name, or see done_suffix"
        // The file is queued, and waits until this is known.
        case .undecided, nil: nil
        }
    }

    private func report(_ outcome: PushOutcome) throws {
        for line in outcome.lines {
            switch line {
            case .uploaded(let path, let entry):
                let id = entry.receipt.assetURN ?? entry.receipt.mediaID ?? entry.receipt.publicURL ?? "-"
                let row = ManifestRow(path: path, content: .entry(entry))
                Console.print(json ? row.json : "\(printable(id))\t\(printablePath(path))")
                for warning in entry.warnings {
                    Console.tell(Notice(.warning, "outtray: \(printablePath(path)): \(printable(warning.text))"))
                }
            case .rejected(let path, let reason):
                Console.tell("outtray: \(printablePath(path)): rejected: \(printable(reason))")
            case .waiting(let path, let reason):
                Console.tell(Notice(.warning, "outtray: \(printablePath(path)): waits: \(printable(reason))"))
            }
        }
        if outcome.lines.contains(where: \.isWaiting) { throw ExitStatus.tryAgain }
        if outcome.lines.contains(where: \.isRejected) { throw ExitStatus.someRejected }
    }
}
