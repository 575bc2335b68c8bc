import ArgumentParser
import Control
import Fleet
import Pipeline
import Threads

/// `outtray fleet hosts`: who is there.
struct FleetHostsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hosts",
        abstract: "List the hosts of the fleet.",
        discussion: """
            One line a host: its name, its identity, when it last showed a sign of life, its entries in the fleet's \
            manifest, and the contents that it has begun to upload.

            \(FleetTrouble.codes)
            """
    )

    @OptionGroup var fleet: FleetOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let census = try await fleet.withDatabase { database, _ in
            _ = try await FleetSchema().check(database)
            return try await FleetCensus(of: database)
        }
        if json {
            let hosts = census.hosts.map(Self.json)
            return Console.print(JSON.object(["schema": .integer(1), "hosts": .array(hosts)]).json)
        }
        DisplayWidth.begin()
        var table = TextTable([.cut, .left, .left, .right, .right])
        for host in census.hosts {
            table.add([
                printable(host.sight.name), host.sight.host.text, "seen \(Words.duration(host.sight.seenAgo)) ago",
                Words.count(host.entries, "entry", "entries"),
                host.claims > 0 ? "\(Words.number(host.claims)) begun" : "",
            ])
        }
        for line in table.lines(width: Terminal.size?.columns) { Console.print(line) }
    }

    private static func json(_ host: FleetCensus.Host) -> JSON {
        .object([
            "name": .string(host.sight.name),
            "host": .string(host.sight.host.text),
            "starts": .integer(host.sight.boot),
            "seen": .string(host.sight.seen.iso8601),
            "seenSecondsAgo": .integer(host.sight.seenAgo.components.seconds),
            "published": .integer(host.sight.published),
            "entries": .integer(Int64(host.entries)),
            "claims": .integer(Int64(host.claims)),
        ])
    }
}

/// `outtray fleet forget HOST`: take a host out of the fleet.
struct FleetForgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Take a host that is gone for good out of the fleet.",
        discussion: """
            Looks for take_over_after whether the host still shows a sign of life, and leaves it alone if it does. Its \
            entries then leave the fleet's manifest. What it sent stays at the provider, and all hosts still know it.

            A host that comes back after that is told to take a new identity.

            \(FleetTrouble.codes)
            """
    )

    @OptionGroup var fleet: FleetOptions

    @Flag(help: "Leave the uploads that it had begun to the hosts that have the same bytes.")
    var freeClaims = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @Argument(help: ArgumentHelp("The host's name, or its identity.", valueName: "host"))
    var host: String

    func run() async throws {
        let (host, freesClaims) = (host, freeClaims)
        let (sight, outcome) = try await fleet.withDatabase { database, plan in
            _ = try await FleetSchema().check(database)
            let sight = try await Self.standstill(of: host, in: database, for: plan.takeOverAfter)
            let outcome = try await HostFarewell(database).forget(sight, freesClaims: freesClaims)
            return (sight, outcome)
        }
        if json {
            return Console.print(
                JSON.object([
                    "schema": .integer(1),
                    "name": .string(sight.name),
                    "host": .string(sight.host.text),
                    "entries": .integer(Int64(outcome.entries)),
                    "freed": .integer(Int64(outcome.freed)),
                ]).json
            )
        }
        let freed = outcome.freed > 0 ? ", and \(Words.count(outcome.freed, "upload", "uploads")) left to others" : ""
        let entries = Words.count(outcome.entries, "entry", "entries")
        Console.print(printable("\(sight.name) is forgotten: \(entries) removed\(freed)"))
    }

    /// How often the hosts are looked at.
    private static let pause = Duration.seconds(2)

    /// The host, once it has stood still for `patience`. One that is forgotten already comes at once.
    private static func standstill(
        of host: String,
        in database: any PostgresDatabase,
        for patience: Duration
    ) async throws -> HostSight {
        var watch = HostWatch<ContinuousClock.Instant>(patience: patience)
        var first: HostSight?
        while true {
            let now = ContinuousClock.now
            let sights = try await HostRoll.hosts(in: database)
            let sight =
                try first.flatMap { first in sights.first { $0.host == first.host } } ?? pick(host, among: sights)
            if sight.isForgotten { return sight }
            watch.note(sights, at: now)
            if watch.standstill(of: sight.host) != nil { return sight }
            if let first {
                guard first.boot == sight.boot, first.beat == sight.beat else {
                    throw FarewellTrouble.lives(name: sight.name)
                }
            } else {
                let time = Words.duration(patience)
                Console.tell("looking for \(time) whether \(printable(sight.name)) shows a sign of life")
                first = sight
            }
            try await rest(for: pause)
        }
    }

    /// The host that a person means. Of several that had the name, the one that is not forgotten.
    private static func pick(_ host: String, among sights: [HostSight]) throws -> HostSight {
        let named = sights.filter { $0.name == host || $0.host == HostID(host) }
        if let living = named.first(where: { !$0.isForgotten }) { return living }
        guard let forgotten = named.first else {
            let known = sights.filter { !$0.isForgotten }.map(\.name).joined(separator: ", ")
            throw ValidationError(printable("the fleet has no host \(host); it has \(known.isEmpty ? "none" : known)"))
        }
        return forgotten
    }
}
