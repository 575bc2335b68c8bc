import ArgumentParser
import Pipeline
import SystemPackage

/// `outtray manifest get PATH`, `get --fleet HOST:PATH` and `get --content FILE`.
struct ManifestGetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print what the manifest says of one file.",
        discussion: """
            With --fleet it is the manifest of all hosts: HOST:PATH, or a path alone, which is this host's, or that of \
            the only host that has it. With --content it is the entry of a file's bytes, wherever they went up: from \
            this host, or from another one of the fleet. There, it is the asset of this host's account, whatever the \
            other hosts call that.

              outtray manifest get --fleet ingest-2:/srv/inbox/teaser.mp4
              outtray manifest get --content teaser.mp4 --field assetUrn

            Fields: \(ManifestFields.namesOfEntry.joined(separator: ", ")); with --fleet host and fleetAccount, too.

            Fields of a rejected file: \(ManifestFields.namesOfRejection.joined(separator: ", ")).

            Exit codes: 0 it is up, 64 wrong usage, or several hosts or accounts have it, 65 it was rejected (the \
            reason goes to standard error), 66 the manifest, or the file of --content, is there and cannot be read, 73 \
            standard output could not be written, 75 the manifest does not have it (yet), 78 wrong configuration.
            """
    )

    @OptionGroup var source: ManifestOptions

    @Argument(help: "The file; it does not have to be there any more.", completion: .file())
    var path: PathArgument?

    @Flag(help: "Look into the manifest of all hosts of the fleet.")
    var fleet = false

    @Option(
        help: ArgumentHelp("Look for the bytes of this file instead of a path.", valueName: "file"),
        completion: .file()
    )
    var content: PathArgument?

    @Option(help: ArgumentHelp("With --content: the entry of this account, here or in the fleet.", valueName: "name"))
    var account: String?

    @Option(help: ArgumentHelp("Print this field alone: a text bare, everything else as JSON.", valueName: "name"))
    var field: String?

    @Flag(help: "Print one JSON object on one line, with the path among its members.")
    var json = false

    func validate() throws {
        if path == nil, content == nil { throw ValidationError("name a file, or --content and a file") }
        if path != nil, content != nil { throw ValidationError("a path, or --content: one of them") }
        if account != nil, content == nil { throw ValidationError("--account is for --content") }
    }

    func run() throws {
        let item = try found()
        if let field {
            guard let value = item.field(field) ?? item.leftOut(field) else {
                if item.isRejected { throw rejected(item) }
                throw ValidationError("an entry has no field \(field): see --help")
            }
            Console.print(Console.isOutputTerminal ? printable(value) : value)
        } else if json {
            Console.print(item.json)
        } else {
            for name in ManifestFile.namesOfHosts + ManifestFields.names {
                if let value = item.shown(name) { Console.print("\(name): \(value)") }
            }
        }
        if item.isRejected { throw rejected(item) }
    }

    /// The item that is asked for.
    private func found() throws -> ManifestFile.Item {
        if let content { return try found(by: content) }
        guard let path else { throw ValidationError("name a file") }
        if fleet {
            let wanted = FleetPath(path)
            // With --manifest, nothing says which host this is.
            let own = source.manifest == nil ? try source.options.fleet().host : nil
            if let item = try wanted.item(in: try source.open(ofFleet: true), own: own) { return item }
            Console.tell("outtray: the fleet's manifest does not have \(wanted.words)")
        } else {
            if let item = try source.open()[path.absolute] { return item }
            Console.tell("outtray: the manifest does not have \(printablePath(path.absolute))")
        }
        throw ExitStatus.tryAgain
    }

    /// The entry of a file's bytes: this host's manifest comes first, then the fleet's, if there is one.
    private func found(by file: PathArgument) throws -> ManifestFile.Item {
        let digest: SHA256Digest
        do {
            digest = try SHA256Digest(ofFile: file.path)
        } catch {
            Console.tell("outtray: \(printablePath(file.path)) cannot be read: \(error)")
            throw ExitStatus.noInput
        }
        let wish = ContentChoice.Wish(account: account, fleetNames: try source.fleetNames())
        var choice = ContentChoice.none
        for path in try source.paths(ofFleetAlone: fleet) where !choice.isUsable {
            guard let manifest = try source.openIfThere(path) else { continue }
            let next = ContentChoice(among: manifest.items(of: digest), for: wish)
            if next.isUsable { choice = next } else if case .none = choice { choice = next }
        }
        switch choice {
        case .one(let item): return item
        case .accounts(let accounts):
            let names = accounts.map(printable).joined(separator: ", ")
            throw ValidationError("several accounts have these bytes, give --account and one of them: \(names)")
        case .files(let keys):
            let names = keys.map(printable).joined(separator: ", ")
            throw ValidationError("several assets have these bytes, give --fleet and a file of one of them: \(names)")
        case .none:
            Console.tell("outtray: no manifest has the bytes of \(printablePath(file.path))")
            throw ExitStatus.tryAgain
        }
    }

    private func rejected(_ item: ManifestFile.Item) -> ExitCode {
        Console.tell("outtray: rejected (\(item.shown("code") ?? "?")): \(item.shown("reason") ?? "")")
        return ExitStatus.someRejected
    }
}
