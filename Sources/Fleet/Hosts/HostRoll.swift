import Pipeline

/// The fleet's hosts: this one enters itself, shows that it lives, and sees the others. Each statement may be repeated.
package struct HostRoll: Sendable {
    /// How often a host shows that it lives.
    package static let pulse = Duration.seconds(5)

    let database: any PostgresDatabase
    package let host: HostID

    package init(_ database: any PostgresDatabase, host: HostID) {
        self.database = database
        self.host = host
    }

    /// A start of this host.
    package struct Entry: Hashable, Sendable {
        /// The number of the start. A second process under the same identity gets a higher one.
        package let boot: Int64
        /// The last revision of this host's ledger that the fleet has.
        package let published: Int64

        package init(boot: Int64, published: Int64) {
            self.boot = boot
            self.published = published
        }
    }

    /// Enters this host under a name, or a new start of it. The start gets a number above `last`: that of a start which
    /// the database may have lost.
    ///
    /// - Throws: ``PostgresError`` or ``HostTrouble``.
    package func enter(named name: String, above last: Int64 = 0) async throws -> Entry {
        let parameters: [Parameter] = [.text(host.text), .text(name)]
        let answers = try await database.run([
            Statement(
                """
                INSERT INTO outtray.hosts AS h (host, name, boot)
                SELECT $1::uuid, $2::text, $3::bigint + 1
                WHERE NOT EXISTS (
                    SELECT FROM outtray.hosts o WHERE o.name = $2::text AND o.host <> $1::uuid AND o.forgotten IS NULL
                )
                ON CONFLICT (host) DO UPDATE
                SET boot = greatest(h.boot, $3::bigint) + 1, name = excluded.name, seen = now()
                WHERE h.forgotten IS NULL
                RETURNING h.boot, h.published
                """,
                parameters + [.integer(last)]
            ),
            // Why there was no row.
            Statement(
                """
                SELECT \(HostSight.columns) FROM outtray.hosts h
                WHERE h.host = $1::uuid OR h.name = $2::text AND h.forgotten IS NULL
                """,
                parameters
            ),
        ])
        if let row = answers.first?.rows.first, let boot = try row.integer(0) {
            return Entry(boot: boot, published: try row.integer(1) ?? 0)
        }
        let sights = try (answers.last?.rows ?? []).map { row throws(PostgresError) in try HostSight(row) }
        if sights.contains(where: { $0.host == host && $0.isForgotten }) { throw HostTrouble.forgotten(name: name) }
        guard let other = sights.first(where: { $0.host != host }) else {
            throw PostgresError(.busy, "another host was entering the fleet in the same moment")
        }
        throw HostTrouble.nameTaken(name, by: other.host, seenAgo: other.seenAgo)
    }

    /// Shows that this start of the host lives, and returns all hosts.
    ///
    /// - Throws: ``PostgresError``, ``HostTrouble/twin`` or ``HostTrouble/forgotten``.
    package func beat(_ entry: Entry) async throws -> [HostSight] {
        let answers = try await database.run([
            Statement(
                """
                UPDATE outtray.hosts SET beat = beat + 1, seen = clock_timestamp()
                WHERE host = $1::uuid AND boot = $2::bigint AND forgotten IS NULL
                """,
                [.text(host.text), .integer(entry.boot)]
            ),
            Self.all,
        ])
        let sights = try Self.sights(answers.last)
        if answers.first?.affected == 1 { return sights }
        guard let own = sights.first(where: { $0.host == host }) else {
            throw HostTrouble.unknown
        }
        if own.isForgotten { throw HostTrouble.forgotten(name: own.name) }
        // An older copy of the database knows an earlier start of this host.
        throw own.boot < entry.boot ? HostTrouble.unknown : HostTrouble.twin(name: own.name)
    }

    /// All hosts, in the order of their names. Those that are forgotten are among them.
    package static func hosts(in database: some PostgresDatabase) async throws(PostgresError) -> [HostSight] {
        try sights(try await database.run([all]).last)
    }

    private static let all = Statement("SELECT \(HostSight.columns) FROM outtray.hosts h ORDER BY h.name, h.host")

    private static func sights(_ answer: Answer?) throws(PostgresError) -> [HostSight] {
        var sights: [HostSight] = []
        for row in answer?.rows ?? [] { sights.append(try HostSight(row)) }
        return sights
    }
}

/// Why this host has no place in the fleet. Each needs a person.
package enum HostTrouble: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another process works under this host's identity.
    case twin(name: String)
    /// Somebody has taken this host out of the fleet.
    case forgotten(name: String)
    /// Another host has the name.
    case nameTaken(String, by: HostID, seenAgo: Duration)
    /// The database has lost this host: it was put back from an older copy.
    case unknown

    package var description: String {
        switch self {
        case .twin(let name):
            "another process works under the identity of this host, \(name), as after a copy of its disk: on the copy, "
                + "stop the service, run outtray fleet new-identity and start it again"
        case .forgotten(let name):
            "this host, \(name), was taken out of the fleet by outtray fleet forget: to come back, stop the service, run "
                + "outtray fleet new-identity and start it again"
        case .nameTaken(let name, let other, let ago):
            "another host of the fleet is called \(name) (\(other), last seen \(ago.components.seconds) s ago): give this "
                + "one another name by fleet.host, or, if that one is gone for good: outtray fleet forget \(other)"
        case .unknown:
            "the fleet does not know this host any more, as after its database was put back from an older copy"
        }
    }
}
