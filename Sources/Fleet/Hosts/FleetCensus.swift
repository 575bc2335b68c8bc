import Pipeline

/// What the fleet's database holds, in numbers, for a person who asks.
package struct FleetCensus: Sendable {
    package struct Host: Sendable {
        package let sight: HostSight
        /// Files in the fleet's manifest.
        package let entries: Int
        /// Contents that it has begun to upload.
        package let claims: Int
    }

    package struct Account: Sendable {
        package let name: String
        /// Whom its bytes go to.
        package let target: String
        /// The name of the host that said so first.
        package let host: String?
        /// Contents that are up.
        package let contents: Int
        /// Contents that a host has begun to upload.
        package let claims: Int
        /// Receipts of contents that were up already.
        package let duplicates: Int
        /// Why no host calls the provider now; nil if they may.
        package let hold: String?
    }

    /// Of the last change that all hosts see.
    package let revision: Int64
    /// Those that are not forgotten, by their names.
    package let hosts: [Host]
    /// By their names.
    package let accounts: [Account]

    package init(of database: some PostgresDatabase) async throws(PostgresError) {
        let answers = try await database.run([Self.revision, Self.hosts, Self.accounts])
        guard answers.count == 3 else { throw PostgresError(.other, "the database told only a part") }
        revision = try answers[0].rows.first?.integer(0) ?? 0
        var hosts: [Host] = []
        for row in answers[1].rows {
            let numbers = (Int(try row.integer(8) ?? 0), Int(try row.integer(9) ?? 0))
            hosts.append(Host(sight: try HostSight(row), entries: numbers.0, claims: numbers.1))
        }
        self.hosts = hosts
        var accounts: [Account] = []
        for row in answers[2].rows { accounts.append(try Account(row)) }
        self.accounts = accounts
    }

    private static let revision = Statement("SELECT revision FROM outtray.fleet")

    private static let hosts = Statement(
        """
        SELECT \(HostSight.columns), coalesce(e.n, 0), coalesce(c.n, 0)
        FROM outtray.hosts h
        LEFT JOIN (SELECT host, count(*) AS n FROM outtray.entries GROUP BY host) e ON e.host = h.host
        LEFT JOIN (SELECT host, count(*) AS n FROM outtray.contents WHERE receipt IS NULL AND NOT free GROUP BY host) c
            ON c.host = h.host
        WHERE h.forgotten IS NULL ORDER BY h.name
        """
    )

    private static let accounts = Statement(
        """
        SELECT a.account, a.target, h.name, coalesce(c.up, 0), coalesce(c.begun, 0), coalesce(d.n, 0),
            CASE WHEN a.held_until > clock_timestamp() THEN coalesce(a.held_reason, '') END
        FROM outtray.accounts a
        LEFT JOIN outtray.hosts h ON h.host = a.host
        LEFT JOIN (
            SELECT account, count(receipt) AS up, count(*) FILTER (WHERE receipt IS NULL) AS begun
            FROM outtray.contents GROUP BY account
        ) c ON c.account = a.account
        LEFT JOIN (SELECT account, count(*) AS n FROM outtray.duplicates GROUP BY account) d ON d.account = a.account
        ORDER BY a.account
        """
    )
}

extension FleetCensus.Account {
    fileprivate init(_ row: Row) throws(PostgresError) {
        name = try row.text(0) ?? ""
        target = try row.text(1) ?? ""
        host = try row.text(2)
        contents = Int(try row.integer(3) ?? 0)
        claims = Int(try row.integer(4) ?? 0)
        duplicates = Int(try row.integer(5) ?? 0)
        hold = try row.text(6)
    }
}
