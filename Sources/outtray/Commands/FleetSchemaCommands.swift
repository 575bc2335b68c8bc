import ArgumentParser
import Fleet

/// `outtray fleet init`: make the fleet's tables.
struct FleetInitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make the fleet's tables in the database, once for all hosts.",
        discussion: """
            The tables are in a schema of their own, outtray, and belong to the role that makes them. With --role, the \
            role of the services gets the rights that it needs: it reads and writes, and can remove no content. May be \
            repeated, as for another role.

            \(FleetTrouble.codes)
            """
    )

    @OptionGroup var fleet: FleetOptions
    @OptionGroup var role: FleetRoleOptions

    func run() async throws {
        let role = role.role
        let words = try await fleet.withDatabase { database, _ in
            let schema = FleetSchema()
            switch try await schema.make(in: database, role: role) {
            case .made: return "the fleet's tables are made, version \(schema.version)"
            case .present, .migrated: return "the fleet's tables are there, version \(schema.version)"
            }
        }
        Console.print(printable(words + (role.map { ", and \($0) has the service's rights" } ?? "")))
    }
}

/// `outtray fleet migrate`: bring the tables up to date.
struct FleetMigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the fleet's tables up to this version of Outtray.",
        discussion: """
            Needs the role that owns the tables. Hosts with an Outtray that is too old for the new tables say so, and \
            stop their work with the fleet. May be repeated.

            \(FleetTrouble.codes)
            """
    )

    @OptionGroup var fleet: FleetOptions
    @OptionGroup var role: FleetRoleOptions

    func run() async throws {
        let role = role.role
        let words = try await fleet.withDatabase { database, _ in
            let schema = FleetSchema()
            switch try await schema.migrate(database, role: role) {
            case .migrated(let version):
                return "the fleet's tables are of version \(schema.version) now, and were of \(version)"
            case .present, .made: return "the fleet's tables are of version \(schema.version) already"
            }
        }
        Console.print(printable(words + (role.map { ", and \($0) has the service's rights" } ?? "")))
    }
}

/// `--role`.
struct FleetRoleOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Give this role the rights that the service needs.", valueName: "name"))
    var role: String?
}
