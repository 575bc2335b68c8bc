import ArgumentParser
import Control
import Pipeline

/// `outtray reload`: read the configuration again.
struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Let the service read its configuration again, and say whether it took it.",
        discussion: """
            As SIGHUP does, with an answer. The new file is checked whole; a bad one changes nothing, and its problems \
            are told here.

            Exit codes: 0 the new configuration is in force, 69 no service runs, 73 standard output could not be \
            written, 75 the service did not do it, 77 no permission, 78 the configuration is wrong, and the old one \
            stays.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print the service's answer as one JSON object.")
    var json = false

    func run() async throws {
        let answer = try await RunningService(options).post("/api/v1/reload", .object([]), within: .seconds(120))
        if json { return Console.print(JSON.object(answer).json) }
        let folders = (answer["folders"]?.strings ?? []).map(printable).joined(separator: ", ")
        Console.print("the new configuration is in force, folders: \(folders)")
        for key in answer["atNextStart"]?.strings ?? [] {
            Console.print("what changed in \(printable(key)) takes effect at the next start")
        }
    }
}
