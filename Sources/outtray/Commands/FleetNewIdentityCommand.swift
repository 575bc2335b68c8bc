import ArgumentParser
import Ledger
import Logging
import Pipeline

/// `outtray fleet new-identity`: make this host another one.
struct FleetNewIdentityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new-identity",
        abstract: "Give this host another identity in its fleet, with its service stopped.",
        discussion: """
            For a machine whose disk is a copy of another one's, and for a host that was forgotten. At its next start \
            the service enters the fleet as a new host, and all that this host has up is published under it. No file \
            goes up again. The database is not asked.

            Exit codes: 0 done, 73 standard output could not be written, 75 a service works with the state directory, \
            77 no permission, 78 wrong configuration, or a damaged or old ledger.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let configuration = try options.file.read()
        let workplace = try Workplace(configuration, logger: Logger(label: "outtray", level: .critical))
        defer { workplace.close() }
        let before = try await workplace.ledger.host()
        let after = try await workplace.ledger.renewHost()
        if json {
            let members = JSON.object([
                "schema": .integer(1), "host": .string(after.text), "before": .string(before.text),
            ])
            return Console.print(members.json)
        }
        Console.print("this host is \(after) now, and was \(before)")
    }
}
