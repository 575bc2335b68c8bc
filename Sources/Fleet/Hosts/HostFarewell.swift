import Pipeline

/// Takes a host that is gone for good out of the fleet. What it uploaded stays known to all hosts.
package struct HostFarewell: Sendable {
    let database: any PostgresDatabase
    /// The entries that one transaction removes. It takes less than a second on a slow disk.
    package var portion = 5000

    package init(_ database: any PostgresDatabase) {
        self.database = database
    }

    /// What was done.
    package struct Outcome: Hashable, Sendable {
        package let entries: Int
        /// The claims that other hosts may take now.
        package let freed: Int

        package init(entries: Int, freed: Int) {
            self.entries = entries
            self.freed = freed
        }
    }

    /// Forgets a host that stands still at this start and heartbeat. May be repeated, and then goes on where it was
    /// broken off.
    ///
    /// With its row locked, the host can show no heartbeat until it is forgotten, and none after it.
    ///
    /// `freesClaims`: uploads that it had begun are left to other hosts. Else a host with such uploads stays.
    ///
    /// - Throws: ``PostgresError`` or ``FarewellTrouble``.
    package func forget(_ sight: HostSight, freesClaims: Bool) async throws -> Outcome {
        let freed = sight.isForgotten ? 0 : try await mark(sight, freesClaims: freesClaims)
        var entries = 0
        while true {
            let answers = try await database.run([removal(of: sight.host)])
            let removed = answers.last?.affected ?? 0
            entries += removed
            if removed == 0 { return Outcome(entries: entries, freed: freed) }
        }
    }

    /// Returns the number of claims that it let go.
    private func mark(_ sight: HostSight, freesClaims: Bool) async throws -> Int {
        let host = Parameter.text(sight.host.text)
        let stands = Statement(
            """
            SELECT 1 / count(*) FROM (
                SELECT FROM outtray.hosts
                WHERE host = $1::uuid AND boot = $2::bigint AND beat = $3::bigint AND forgotten IS NULL FOR UPDATE
            ) AS standing
            """,
            [host, .integer(sight.boot), .integer(sight.beat)]
        )
        let claims = Statement(
            "SELECT count(*) FROM outtray.contents WHERE host = $1::uuid AND receipt IS NULL AND NOT free",
            [host]
        )
        if !freesClaims, let count = try await database.run([claims]).first?.rows.first?.integer(0), count > 0 {
            throw FarewellTrouble.hasClaims(name: sight.name, Int(count))
        }
        do throws(PostgresError) {
            let answers = try await database.run([
                stands,
                Statement(
                    "UPDATE outtray.contents SET free = true WHERE host = $1::uuid AND receipt IS NULL AND NOT free",
                    [host]
                ),
                Statement("UPDATE outtray.hosts SET forgotten = now() WHERE host = $1::uuid", [host]),
            ])
            return answers.count > 1 ? answers[1].affected : 0
        } catch {
            guard error.kind == .gate else { throw error }
            throw FarewellTrouble.lives(name: sight.name)
        }
    }

    /// Removes a portion of a forgotten host's entries, and tells readers of each.
    ///
    /// The host's own revisions are positive. So the negative of the fleet's is one that it never had.
    private func removal(of host: HostID) -> Statement {
        Statement(
            """
            WITH gone AS (
                DELETE FROM outtray.entries e WHERE e.host = $1::uuid AND e.path IN (
                    SELECT p.path FROM outtray.entries p WHERE p.host = $1::uuid ORDER BY p.path LIMIT $2::bigint
                ) RETURNING e.path
            ), counted AS (
                SELECT path, row_number() OVER (ORDER BY path) - count(*) OVER () AS place FROM gone
            ), counter AS (
                UPDATE outtray.fleet SET revision = revision + (SELECT count(*) FROM gone) RETURNING revision
            )
            INSERT INTO outtray.changes (revision, host, local_revision, event, path, content)
            SELECT r.revision + c.place, $1::uuid, -(r.revision + c.place), 'forgotten', c.path, '{}'::jsonb
            FROM counted c CROSS JOIN counter r
            """,
            [.text(host.text), .integer(Int64(portion))]
        )
    }
}

/// Why a host stays in the fleet.
package enum FarewellTrouble: Error, Hashable, Sendable, CustomStringConvertible {
    /// It has shown a heartbeat meanwhile.
    case lives(name: String)
    /// It has begun uploads that no other host has taken over.
    case hasClaims(name: String, Int)

    package var description: String {
        switch self {
        case .lives(let name): "\(name) lives: stop its service first"
        case .hasClaims(let name, let count):
            "\(name) had begun \(count) uploads that no other host has taken over: if it is gone for good, give "
                + "--free-claims, and any host with the same bytes goes on with them"
        }
    }
}
