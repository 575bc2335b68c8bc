import ArgumentParser
import Pipeline
import SystemPackage

/// `outtray manifest`: the manifest for scripts.
struct ManifestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest",
        abstract: "Read the manifest: which file has which id.",
        discussion: """
            These commands read manifest.json and nothing else: no key, no ledger, no daemon is needed. Only verify \
            reads the ledger and looks at the folders, too.

              outtray manifest get /srv/inbox/teaser.mp4 --field assetUrn
              outtray manifest list --json
              outtray manifest export --csv
            """,
        subcommands: [
            ManifestGetCommand.self, ManifestListCommand.self, ManifestFollowCommand.self,
            ManifestExportCommand.self, ManifestVerifyCommand.self,
        ]
    )
}

/// Where the manifest is.
struct ManifestOptions: ParsableArguments {
    @OptionGroup var options: ConfigurationOptions

    @Option(
        help: ArgumentHelp("The manifest itself; the configuration is then not read.", valueName: "file"),
        completion: .file(extensions: ["json"])
    )
    var manifest: PathArgument?

    func open() throws -> ManifestFile {
        let path = try manifest?.path ?? options.file.read().manifest.path
        do {
            return try ManifestFile(path)
        } catch {
            Console.tell("outtray: \(error.reason)")
            throw error.isMissing ? ExitStatus.tryAgain : ExitStatus.noInput
        }
    }
}

/// `outtray manifest get PATH`.
struct ManifestGetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print what the manifest says of one file.",
        discussion: """
            Fields: \(ManifestFields.namesOfEntry.joined(separator: ", ")).

            Fields of a rejected file: \(ManifestFields.namesOfRejection.joined(separator: ", ")).

            Exit codes: 0 it is up, 65 it was rejected (the reason goes to standard error), 66 the manifest is there \
            and cannot be read, 73 standard output could not be written, 75 the manifest does not have it (yet), 78 \
            wrong configuration.
            """
    )

    @OptionGroup var source: ManifestOptions

    @Argument(help: "The file; it does not have to be there any more.", completion: .file())
    var path: PathArgument

    @Option(help: ArgumentHelp("Print this field alone: a text bare, everything else as JSON.", valueName: "name"))
    var field: String?

    @Flag(help: "Print one JSON object on one line, with the path among its members.")
    var json = false

    func run() throws {
        let manifest = try source.open()
        guard let item = manifest[path.absolute] else {
            Console.tell("outtray: the manifest does not have \(printablePath(path.absolute))")
            throw ExitStatus.tryAgain
        }
        if let field {
            guard let value = item.field(field) ?? item.leftOut(field) else {
                if item.isRejected { throw rejected(item) }
                throw ValidationError("an entry has no field \(field): see --help")
            }
            Console.print(Console.isOutputTerminal ? printable(value) : value)
        } else if json {
            Console.print(item.json)
        } else {
            for name in ManifestFields.names {
                if let value = item.shown(name) { Console.print("\(name): \(value)") }
            }
        }
        if item.isRejected { throw rejected(item) }
    }

    private func rejected(_ item: ManifestFile.Item) -> ExitCode {
        Console.tell("outtray: rejected (\(item.shown("code") ?? "?")): \(item.shown("reason") ?? "")")
        return ExitStatus.someRejected
    }
}

/// `outtray manifest list`.
struct ManifestListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print all entries, in the order they last changed.",
        discussion: """
            One line a file: its revision, its state, its id (asset URN, media id or public URL), its path; with \
            --json one JSON object a line. Files that were rejected are listed with --rejected.

            Exit codes: 0 all is printed, 66 the manifest is there and cannot be read, 73 standard output could not be \
            written, 75 there is no manifest yet, 78 wrong configuration.
            """
    )

    @OptionGroup var source: ManifestOptions

    @Option(help: ArgumentHelp("Only what changed after this revision.", valueName: "revision"))
    var since: Int64 = 0

    @Flag(help: "Print one JSON object a line.")
    var json = false

    @Flag(help: "Print the rejected files, with code and reason, instead of the entries.")
    var rejected = false

    func run() throws {
        let manifest = try source.open()
        for item in manifest.items(since: since) where item.isRejected == rejected {
            Console.print(json ? item.json : item.summary)
            // The reader has gone.
            if Console.outputFailure != nil { return }
        }
    }
}
