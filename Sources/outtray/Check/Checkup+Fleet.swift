import Fleet
import Pipeline

extension Checkup {
    /// Whether this host can work with its fleet: library, settings, connection, tables and rights. Asks the database,
    /// and changes nothing. Nil for a host on its own.
    func fleet(_ configuration: Configuration) async -> Finding? {
        guard let plan = configuration.fleetPlan else { return nil }
        do {
            let library = try PostgresLibrary.load()
            let targets = configuration.fleetTargets
            let (found, security) = try await FleetLink(plan.database, host: plan.host).use { database in
                let found = try await FleetSchema().check(database)
                try await AccountTargets.compare(targets, of: plan.host, in: database)
                return (found, try await ConnectionSecurity(of: database))
            }
            return Finding(
                name: .fleet,
                subject: plan.host,
                message: "database \(found.database) as \(found.role), \(security.words), tables of version "
                    + "\(found.version), libpq \(library.version / 10_000)"
            )
        } catch {
            guard let trouble = FleetTrouble(error) else {
                return Finding(name: .fleet, subject: plan.host, verdict: .waiting, message: "\(error)")
            }
            // Files that wait for the database go up without it after a while, unless the configuration says otherwise.
            let goUp = trouble.verdict == .waiting && plan.whenUnreachable.then == .upload
            return Finding(
                name: .fleet,
                subject: plan.host,
                verdict: goUp ? .weak : trouble.verdict,
                message: trouble.words
            )
        }
    }
}

/// How a connection to the database is kept from others, by the server's word.
struct ConnectionSecurity {
    let words: String

    init(of database: some PostgresDatabase) async throws(PostgresError) {
        let row = try await database.run(
            "SELECT version FROM pg_catalog.pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl"
        ).rows.first
        words = try row?.text(0) ?? "without TLS on this machine"
    }
}

extension FleetTrouble {
    /// How a line of `outtray check` tells it.
    fileprivate var verdict: Finding.Verdict {
        switch exitCode {
        case ExitStatus.tryAgain: .waiting
        case ExitStatus.noPermission: .denied
        default: .wrong
        }
    }
}
