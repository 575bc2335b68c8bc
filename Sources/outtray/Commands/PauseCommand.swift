import ArgumentParser
import Control
import Pipeline

/// `outtray pause`: begin nothing new.
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Begin no new upload: of all, of an account, or of a folder.",
        discussion: """
            What is under way finishes. Files are still seen and queued; they wait with the cause "paused". A pause \
            holds until outtray resume, also over restarts and reloads. It follows the account (provider, address and \
            target) or the folder's path, whatever its name in the configuration becomes.

            \(PauseAnswer.codes)
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var scope: ScopeOptions

    @Flag(help: "Print the service's answer as one JSON object.")
    var json = false

    func run() async throws {
        try PauseAnswer.show(try await RunningService(options).post("/api/v1/pause", scope.json), json: json)
    }
}

/// `outtray resume`: go on.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with what was paused: with all, an account, or a folder.",
        discussion: """
            Without an option, every pause ends.

            \(PauseAnswer.codes)
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var scope: ScopeOptions

    @Flag(help: "Print the service's answer as one JSON object.")
    var json = false

    func run() async throws {
        try PauseAnswer.show(try await RunningService(options).post("/api/v1/resume", scope.json), json: json)
    }
}

/// The service's answer to both: the pauses in force.
private enum PauseAnswer {
    static let codes = """
        Exit codes: 0 done, 64 wrong usage or no such name, 69 no service runs, 73 standard output could not be written, \
        75 the service did not do it, 77 no permission, 78 wrong configuration.
        """

    static func show(_ answer: [JSON.Member], json: Bool) throws {
        if json { return Console.print(JSON.object(answer).json) }
        guard case .array(let pauses)? = answer["paused"], !pauses.isEmpty else {
            return Console.print("nothing is paused")
        }
        for pause in pauses.compactMap(\.members) {
            let what = [pause["scope"]?.string, pause["name"]?.string].compactMap(\.self).joined(separator: " ")
            Console.print("paused: \(printable(what)), since \(pause["since"]?.string ?? "?")")
        }
    }
}
