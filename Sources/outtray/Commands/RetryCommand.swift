import ArgumentParser
import Control
import Pipeline

/// `outtray retry`: try again now.
struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Try again now: files that wait or were rejected, and blocked accounts.",
        discussion: """
            A file that waits for its next try is due at once, and its earlier tries do not count. A blocked account \
            is open. A rejected file is looked at anew, as if it had just come; so is a file that the provider could \
            not process, and its bytes go up again.

              outtray retry --account main      room was made, or the key was mended
              outtray retry /srv/inbox/a.jpg

            Exit codes: 0 all that was asked for is under way, 1 nothing can be tried of a file that was named, 64 \
            wrong usage or no such name, 69 no service runs, 73 standard output could not be written, 75 the service \
            did not do it, 77 no permission, 78 wrong configuration.
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var scope: ScopeOptions

    @Option(help: ArgumentHelp("Files that wait for this cause, and accounts that it blocks.", valueName: "cause"))
    var cause: String?

    @Flag(help: "All that wait or were rejected.")
    var all = false

    @Flag(help: "Print the service's answer as one JSON object.")
    var json = false

    @Argument(help: "These files.", completion: .file())
    var paths: [PathArgument] = []

    func validate() throws {
        let given = [scope.account != nil, scope.folder != nil, cause != nil, all, !paths.isEmpty].count { $0 }
        guard given == 1 else {
            throw ValidationError("say what to try again: files, or one of --account, --folder, --cause, --all")
        }
    }

    func run() async throws {
        let answer = try await RunningService(options).post("/api/v1/retry", body)
        let files = answer.files
        if json {
            Console.print(JSON.object(answer).json)
        } else {
            for name in answer["opened"]?.strings ?? [] { Console.print("account \(printable(name)) is open again") }
            for file in files { Console.print("\(file.path): \(Self.words(file.outcome))") }
            Console.print("tried again: \(answer["retried"]?.int64 ?? 0)")
        }
        let vain = ["unknown", "gone", "unwatched"]
        if files.contains(where: { vain.contains($0.outcome) }) { throw ExitCode.failure }
    }

    private var body: JSON {
        if let account = scope.account { return .object(["account": .string(account)]) }
        if let folder = scope.folder { return .object(["folder": .string(folder)]) }
        if let cause { return .object(["cause": .string(cause)]) }
        if all { return .object(["all": .bool(true)]) }
        return .object(["paths": .array(paths.map(\.absolute.controlJSON))])
    }

    private static func words(_ outcome: String) -> String {
        switch RetriedFile.Outcome(rawValue: outcome) {
        case .due: "due at once"
        case .settles: "looked at anew"
        case .underWay: "under way already"
        case .uploaded: "up already"
        case .gone: "has left its folder"
        case .unwatched: "is in no watched folder any more: push it again"
        case .unknown: "not known: see outtray why"
        case nil: printable(outcome)
        }
    }
}

extension [JSON.Member] {
    /// The files of an answer, each with its outcome.
    var files: [(path: String, outcome: String)] {
        guard case .array(let items)? = self["files"] else { return [] }
        return items.map { item in
            (printable(item.members?["path"]?.string ?? "?"), item.members?["outcome"]?.string ?? "?")
        }
    }
}
