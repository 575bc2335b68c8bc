import ArgumentParser
import Control
import Pipeline

/// `--account` and `--folder`, for commands that act on all or on a part.
struct ScopeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only this account and its folders.", valueName: "name"))
    var account: String?

    @Option(help: ArgumentHelp("Only this folder.", valueName: "name"))
    var folder: String?

    func validate() throws {
        if account != nil, folder != nil { throw ValidationError("say --account or --folder, not both") }
    }

    /// The scope as the control socket takes it.
    var json: JSON {
        if let account { return .object(["scope": "account", "name": .string(account)]) }
        if let folder { return .object(["scope": "folder", "name": .string(folder)]) }
        return .object(["scope": "all"])
    }
}

/// A command that asks the running service.
struct RunningService {
    let client: ControlClient

    /// The service that works with this configuration's state directory.
    init(_ options: ConfigurationOptions) throws {
        let configuration = try options.file.read()
        client = ControlClient(SocketPlace.ofService(stateDirectory: configuration.stateDirectory))
    }

    /// The members of the answer to a POST. Says what is wrong, and throws the exit code for it.
    func post(_ path: String, _ body: JSON, within patience: Duration = .seconds(30)) async throws -> [JSON.Member] {
        do {
            return try await client.post(path, body, within: patience).members ?? []
        } catch {
            throw Self.exit(error)
        }
    }

    /// The members of the answer to a GET. Says what is wrong, and throws the exit code for it.
    func get(_ path: String) async throws -> [JSON.Member] {
        do {
            return try await client.get(path).members ?? []
        } catch {
            throw Self.exit(error)
        }
    }

    /// Says what is wrong. Returns the exit code for it.
    static func exit(_ trouble: ControlTrouble) -> ExitCode {
        Console.tell("outtray: \(printableLines(trouble.description))")
        switch trouble {
        case .noService: return ExitStatus.unavailable
        case .noPermission: return ExitStatus.noPermission
        case .refused("invalid-configuration", _, _): return ExitStatus.configuration
        case .refused("invalid", _, _), .refused("not-found", _, _), .refused("too-large", _, _):
            return .validationFailure
        case .refused, .silent, .brokenOff, .strange: return ExitStatus.tryAgain
        }
    }

    /// Each line by itself: the problems of a configuration are several.
    private static func printableLines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { printable(String($0)) }
            .joined(separator: "\n")
    }
}
