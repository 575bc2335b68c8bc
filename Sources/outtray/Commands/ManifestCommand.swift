import ArgumentParser
import Pipeline
import SystemPackage

/// `outtray manifest`: the manifest for scripts.
struct ManifestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest",
        abstract: "Read the manifest: which file has which id.",
        discussion: """
            These commands read manifest.json and nothing else: no key, no ledger, no daemon is needed. With --fleet \
            they read fleet.json, the manifest of all hosts. Only verify reads the ledger and looks at the folders, too.

              outtray manifest get /srv/inbox/teaser.mp4 --field assetUrn
              outtray manifest get --content teaser.mp4 --field assetUrn
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

    /// Opens this host's manifest, or that of all hosts of the fleet.
    func open(ofFleet: Bool = false) throws -> ManifestFile {
        let path = try manifest?.path ?? (ofFleet ? options.fleet().manifest : options.file.read().manifest.path)
        do {
            return try ManifestFile(path)
        } catch {
            Console.tell("outtray: \(error.reason)")
            throw error.isMissing ? ExitStatus.tryAgain : ExitStatus.noInput
        }
    }

    /// The manifests that may know some bytes: this host's, and then that of all hosts, if there is a fleet.
    func paths(ofFleetAlone: Bool) throws -> [FilePath] {
        if let manifest { return [manifest.path] }
        if ofFleetAlone { return [try options.fleet().manifest] }
        let configuration = try options.file.read()
        return [configuration.manifest.path] + (configuration.fleetPlan.map { [$0.manifest] } ?? [])
    }

    /// The fleet's names of this host's accounts, by those of its configuration. With --manifest, nothing tells them.
    func fleetNames() throws -> [String: String] {
        manifest == nil ? try options.file.read().fleetPlan?.accounts ?? [:] : [:]
    }

    /// Opens one of them. Nil if it is not there yet.
    func openIfThere(_ path: FilePath) throws -> ManifestFile? {
        do {
            return try ManifestFile(path)
        } catch {
            if error.isMissing { return nil }
            Console.tell("outtray: \(error.reason)")
            throw ExitStatus.noInput
        }
    }
}

extension ConfigurationOptions {
    /// The fleet of the configuration.
    func fleet() throws -> FleetPlan {
        let file = file
        if let plan = try file.read().fleetPlan { return plan }
        Console.tell("outtray: \(printable(file.path)): there is no fleet in it")
        throw ExitStatus.configuration
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

    @Flag(help: "Print those of all hosts of the fleet.")
    var fleet = false

    func run() throws {
        let manifest = try source.open(ofFleet: fleet)
        for item in manifest.items(since: since) where item.isRejected == rejected {
            Console.print(json ? item.json : item.summary)
            // The reader has gone.
            if Console.outputFailure != nil { return }
        }
    }
}
