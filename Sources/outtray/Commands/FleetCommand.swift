import ArgumentParser
import Fleet
import Pipeline

/// `outtray fleet`: the hosts that share the contents of their accounts.
struct FleetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "The hosts that share the contents of their accounts by a PostgreSQL database.",
        discussion: """
            For hosts with fleet: in their configuration. These commands ask the database itself, with or without a \
            running service. docs/fleet.md says how a fleet is set up.

              outtray fleet init --role outtray    once, with the role that is to own the tables
              outtray fleet status                 what the database holds
              outtray fleet hosts                  who is there

            \(FleetTrouble.codes)
            """,
        subcommands: [
            FleetInitCommand.self, FleetMigrateCommand.self, FleetStatusCommand.self, FleetHostsCommand.self,
            FleetForgetCommand.self, FleetNewIdentityCommand.self,
        ]
    )
}

/// Which fleet is meant, and how its database is reached.
struct FleetOptions: ParsableArguments {
    @OptionGroup var options: ConfigurationOptions

    @Option(
        help: ArgumentHelp(
            "What libpq connects to, in place of fleet.database: for the role that owns the tables.",
            valueName: "text"
        )
    )
    var database: String?

    /// Reads the configuration, connects, and does some work with the database. Says what is wrong with it, and throws
    /// the exit code for that.
    func withDatabase<Value: Sendable>(
        _ work: @escaping @Sendable (any PostgresDatabase, FleetPlan) async throws -> Value
    ) async throws -> Value {
        let plan = try plan()
        do {
            return try await FleetLink(database ?? plan.database, host: plan.host).use { try await work($0, plan) }
        } catch {
            guard let trouble = FleetTrouble(error) else { throw error }
            Console.tell("outtray: \(printable(trouble.words))")
            throw trouble.exitCode
        }
    }

    /// The fleet of the configuration.
    private func plan() throws -> FleetPlan {
        let file = options.file
        let configuration = try file.read()
        guard let plan = configuration.fleetPlan else {
            throw ConfigurationError(
                file: file.path,
                problems: [
                    configuration.places[""].saying("this host is in no fleet: fleet is missing (docs/fleet.md)")
                ]
            )
        }
        return plan
    }
}
