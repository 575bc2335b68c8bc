import ArgumentParser
import Control
import Fleet
import Pipeline

/// `outtray fleet status`: what the database holds.
struct FleetStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say what the fleet's database holds: accounts, their contents, hosts.",
        discussion: """
            Of each account: whom its bytes go to, how many contents are up, how many a host has begun, and how many \
            went up a second time while the database could not be reached (duplicates).

            \(FleetTrouble.codes)
            """
    )

    @OptionGroup var fleet: FleetOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let (found, census) = try await fleet.withDatabase { database, _ in
            (try await FleetSchema().check(database), try await FleetCensus(of: database))
        }
        if json { return Console.print(Self.json(found, census).json) }
        let versions = "tables of version \(found.version), revision \(census.revision)"
        Console.print(printable("fleet \(found.fleet) in \(found.database), \(versions)"))
        Console.print("\(Words.count(census.hosts.count, "host", "hosts"))")
        for account in census.accounts { Console.print(printable(Self.line(account))) }
    }

    private static func line(_ account: FleetCensus.Account) -> String {
        var words =
            "account \(account.name): \(account.target); \(Words.count(account.contents, "content", "contents")) up"
        if account.claims > 0 { words += ", \(Words.number(account.claims)) begun" }
        if account.duplicates > 0 { words += ", \(Words.count(account.duplicates, "duplicate", "duplicates"))" }
        if let hold = account.hold { words += "; held: \(hold)" }
        return words
    }

    private static func json(_ found: FleetSchema.Found, _ census: FleetCensus) -> JSON {
        .object([
            "schema": .integer(1),
            "fleet": .string(found.fleet),
            "database": .string(found.database),
            "role": .string(found.role),
            "version": .integer(Int64(found.version)),
            "revision": .integer(census.revision),
            "hosts": .integer(Int64(census.hosts.count)),
            "accounts": .array(
                census.accounts.map { account in
                    .object([
                        "account": .string(account.name),
                        "target": .string(account.target),
                        "host": account.host.map(JSON.string) ?? .null,
                        "contents": .integer(Int64(account.contents)),
                        "claims": .integer(Int64(account.claims)),
                        "duplicates": .integer(Int64(account.duplicates)),
                        "held": account.hold.map(JSON.string) ?? .null,
                    ])
                }
            ),
        ])
    }
}
