import ArgumentParser
import Control
import Pipeline

/// `outtray rescan`: look through the folders now.
struct RescanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rescan",
        abstract: "Look through the folders now, as the service does by itself every hour.",
        discussion: """
            Returns when the scans have begun. A folder whose file system does not answer is named, and is looked \
            through once it does.

            Exit codes: 0 the scans have begun, 64 wrong usage or no such name, 69 no service runs, 73 standard output \
            could not be written, 75 a folder does not answer, 77 no permission, 78 wrong configuration.
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var scope: ScopeOptions

    @Flag(help: "Print the service's answer as one JSON object.")
    var json = false

    func run() async throws {
        let answer = try await RunningService(options).post("/api/v1/rescan", scope.json)
        let silent = answer["silent"]?.strings ?? []
        if json {
            Console.print(JSON.object(answer).json)
        } else {
            for name in answer["rescanned"]?.strings ?? [] { Console.print("\(printable(name)) is looked through") }
            for name in silent { Console.tell("outtray: \(printable(name)) does not answer") }
        }
        if !silent.isEmpty { throw ExitStatus.tryAgain }
    }
}
