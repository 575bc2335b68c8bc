import Fleet
import Pipeline
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct HostFarewellTests {
    /// A fleet with a host that has entries and a claim, and another host.
    private func withFleet(
        entries: Int,
        claims: Int,
        _ work: @escaping @Sendable (PostgresConnection, HostRoll, HostSight) async throws -> Void
    ) async throws {
        try await withNewFleet { database in
            let (gone, other) = (HostRoll(database, host: HostID()), HostRoll(database, host: HostID()))
            _ = try await gone.enter(named: "gone")
            _ = try await other.enter(named: "other")
            let targets = AccountTargets(database, host: gone.host, name: "gone")
            _ = try await targets.enter(.init(account: "a", target: "t"))
            for (host, count) in [(gone.host, entries), (other.host, 3)] {
                _ = try await database.run(
                    """
                    INSERT INTO outtray.entries (host, path, present, revision)
                    SELECT $1::uuid, convert_to('/in/' || n, 'UTF8'), true, n FROM generate_series(1, $2::bigint) AS n
                    """,
                    [.text(host.text), .integer(Int64(count))]
                )
            }
            _ = try await database.run("UPDATE outtray.fleet SET revision = 100")
            _ = try await database.run(
                """
                INSERT INTO outtray.contents (account, sha256, size, host, receipt)
                SELECT 'a', sha256(n::text::bytea), 1, $1::uuid, CASE WHEN n > $2::bigint THEN '{}'::jsonb END
                FROM generate_series(1, $2::bigint + 1) AS n
                """,
                [.text(gone.host.text), .integer(Int64(claims))]
            )
            let sight = try await HostRoll.hosts(in: database).first { $0.host == gone.host }
            try await work(database, gone, try #require(sight))
        }
    }

    private func column(_ database: PostgresConnection, _ sql: String) async throws -> [Int64?] {
        try await database.run(sql).rows.map { row throws(PostgresError) in try row.integer(0) }
    }

    private static let forgotten = "SELECT revision FROM outtray.changes WHERE event = 'forgotten' ORDER BY 1"

    @Test func `a forgotten host's entries go, readers are told of each, and what it sent stays`() async throws {
        try await withFleet(entries: 12, claims: 0) { database, gone, sight in
            var farewell = HostFarewell(database)
            farewell.portion = 5

            let outcome = try await farewell.forget(sight, freesClaims: false)

            #expect(outcome == .init(entries: 12, freed: 0))
            let left = try await column(database, "SELECT count(*) FROM outtray.entries")
            #expect(left == [3])
            let revisions = try await column(database, Self.forgotten)
            #expect(revisions == (101...112).map { $0 })
            let revision = try await column(database, "SELECT revision FROM outtray.fleet")
            #expect(revision == [112])
            let receipts = try await column(database, "SELECT count(receipt) FROM outtray.contents")
            #expect(receipts == [1])
            let told = try await thrown(HostTrouble.self) { _ = try await gone.enter(named: "gone") }
            #expect(told == .forgotten(name: "gone"))
        }
    }

    @Test func `a host that showed a heartbeat meanwhile stays as it is`() async throws {
        try await withFleet(entries: 2, claims: 1) { database, gone, sight in
            _ = try await gone.beat(.init(boot: 1, published: 0))

            let trouble = try await thrown(FarewellTrouble.self) {
                _ = try await HostFarewell(database).forget(sight, freesClaims: true)
            }

            #expect(trouble == .lives(name: "gone"))
            let left = try await column(database, "SELECT count(*) FROM outtray.entries")
            #expect(left == [5])
            let free = try await column(database, "SELECT count(*) FROM outtray.contents WHERE free")
            #expect(free == [0])
        }
    }

    @Test func `begun uploads keep a host, unless they are left to others`() async throws {
        try await withFleet(entries: 2, claims: 4) { database, _, sight in
            let farewell = HostFarewell(database)

            let trouble = try await thrown(FarewellTrouble.self) {
                _ = try await farewell.forget(sight, freesClaims: false)
            }
            let outcome = try await farewell.forget(sight, freesClaims: true)

            #expect(trouble == .hasClaims(name: "gone", 4))
            #expect(outcome == .init(entries: 2, freed: 4))
            let free = try await column(database, "SELECT count(*) FROM outtray.contents WHERE free")
            #expect(free == [4])
        }
    }

    @Test func `a farewell that was broken off goes on`() async throws {
        try await withFleet(entries: 4, claims: 0) { database, gone, _ in
            _ = try await database.run("UPDATE outtray.hosts SET forgotten = now() WHERE name = 'gone'")
            let sight = try #require(try await HostRoll.hosts(in: database).first { $0.host == gone.host })

            let removed = try await HostFarewell(database).forget(sight, freesClaims: false).entries
            #expect(removed == 4)
            let later = try await HostFarewell(database).forget(sight, freesClaims: false).entries
            #expect(later == 0)
        }
    }

    @Test func `the name of a forgotten host is free`() async throws {
        try await withFleet(entries: 0, claims: 0) { database, _, sight in
            _ = try await HostFarewell(database).forget(sight, freesClaims: false)

            let boot = try await HostRoll(database, host: HostID()).enter(named: "gone").boot
            #expect(boot == 1)
        }
    }

    @Test func `the census counts what there is`() async throws {
        try await withFleet(entries: 2, claims: 4) { database, gone, _ in
            let census = try await FleetCensus(of: database)

            #expect(census.revision == 100 && census.hosts.map(\.sight.name) == ["gone", "other"])
            #expect(census.hosts.map(\.entries) == [2, 3] && census.hosts.map(\.claims) == [4, 0])
            let account = try #require(census.accounts.first)
            #expect(account.name == "a" && account.target == "t" && account.host == "gone" && account.hold == nil)
            #expect(account.contents == 1 && account.claims == 4 && account.duplicates == 0)
        }
    }
}
