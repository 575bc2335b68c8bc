import Pipeline
import TestSupport
import Testing

@testable import Fleet

@Suite(.timeLimit(.minutes(5))) struct PaceStatementsTests {
    /// How many calls a host gets, and for how many milliseconds it has to rest.
    private func take(
        _ count: Int,
        _ host: TestHost,
        _ rates: [CallRate],
        writes: [CallRate] = [],
        _ side: PaceStatements.Side = .write,
        of account: String = "brand-x",
        pace: String = "key-1",
        by other: (any PostgresDatabase)? = nil
    ) async throws -> (calls: Int64, rest: Int64) {
        let database: any PostgresDatabase = other ?? host.database
        let answers = try await database.run(
            PaceStatements.take(
                count,
                side,
                of: account,
                pace: pace,
                rates: rates,
                writeRates: writes,
                host: host.host
            )
        )
        let row = try #require(answers.last?.rows.first)
        return (try row.integer(0) ?? -1, try row.integer(1) ?? -1)
    }

    private let minute = [CallRate(calls: 10, window: .seconds(60))]

    @Test func `hosts together get no more calls than the rate has, and are told when there may be room`() async throws
    {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let b = try await TestHost(database, named: "b")

            let taken = [try await take(6, a, minute), try await take(6, b, minute), try await take(1, a, minute)]

            #expect(taken.map(\.calls) == [6, 4, 0])
            #expect((55_000...62_000).contains(taken[2].rest), "\(taken[2].rest)")
        }
    }

    @Test func `calls that lie ahead, as after a step of the clock, count as taken now`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            #expect(try await take(10, a, minute).calls == 10)
            _ = try await database.run([Statement("UPDATE outtray.calls SET at = at + interval '1 hour'")])

            let next = try await take(1, a, minute)

            #expect(next.calls == 0 && next.rest <= 62_000, "\(next)")
        }
    }

    @Test func `a hold lasts no longer than it was told to, also after a step of the clock`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let hold = PaceStatements.hold("brand-x", pace: "key-1", for: .seconds(30), reason: "429")
            _ = try await database.run(hold)
            for table in ["accounts", "paces"] {
                _ = try await database.run("UPDATE outtray.\(table) SET held_until = held_until + interval '1 hour'")
            }

            let next = try await take(1, a, minute)

            #expect(next.calls == 0 && (25_000...30_000).contains(next.rest), "\(next)")
        }
    }

    @Test func `many hosts side by side get exactly what the rate has`() async throws {
        try await withHosts(4) { _, hosts in
            let taken = try await withThrowingTaskGroup(of: Int64.self) { group in
                for host in hosts {
                    for _ in 0..<10 {
                        group.addTask { try await take(3, host, [CallRate(calls: 50, window: .seconds(60))]).calls }
                    }
                }
                return try await group.reduce(0, +)
            }

            #expect(taken == 50)
        }
    }

    @Test func `a host waits for what another one is taking`() async throws {
        try await withHosts { database, a, b in
            let calls = try await whileOpen(
                { _ = try await take(8, a, minute, by: LateCommit(database: a.database)) },
                beside: database
            ) { try await take(8, b, minute).calls }

            #expect(calls == 2)
        }
    }

    @Test func `each rate holds, and reads do not count for the rates of writes`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let writes = [CallRate(calls: 2, window: .seconds(60))]

            let read = try await take(5, a, minute, writes: writes, .read)
            let write = try await take(5, a, minute, writes: writes)
            let more = try await take(5, a, minute, writes: writes, .read)

            #expect([read.calls, write.calls, more.calls] == [5, 2, 3])
        }
    }

    @Test func `calls of a window that is over give room`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            _ = try await take(10, a, minute)

            _ = try await database.run("UPDATE outtray.calls SET at = at - interval '61 seconds'")
            let within = try await take(10, a, minute)
            _ = try await database.run("UPDATE outtray.calls SET at = at - interval '2 seconds'")
            let after = try await take(10, a, minute)

            #expect(within.calls == 0 && after.calls == 10)
        }
    }

    @Test func `while an account is held, no host gets a call, and a shorter hold does not end a longer one`()
        async throws
    {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let b = try await TestHost(database, named: "b")
            for time in [Duration.seconds(30), .seconds(5)] {
                _ = try await database.run(PaceStatements.hold("brand-x", pace: "key-1", for: time, reason: "429"))
            }

            let taken = try await take(1, b, minute)

            #expect(taken.calls == 0)
            #expect((25_000...30_000).contains(taken.rest), "\(taken.rest)")
            _ = a
        }
    }

    // MARK: Keys and accounts

    /// Enters a second account.
    private func enter(_ account: String, _ host: TestHost) async throws {
        let targets = AccountTargets(host.database, host: host.host, name: "a")
        _ = try await targets.enter(.init(account: account, target: "somebody else"))
    }

    @Test func `accounts with one key at one address share its rates, on all hosts`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let b = try await TestHost(database, named: "b")
            try await enter("brand-y", a)

            let taken = [
                try await take(6, a, minute), try await take(6, b, minute, of: "brand-y"),
                try await take(6, b, minute, .read, of: "brand-y"),
            ]

            #expect(taken.map(\.calls) == [6, 4, 0])
        }
    }

    @Test func `another key of an account has rates of its own, but for the account's writes`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let b = try await TestHost(database, named: "b")
            let writes = [CallRate(calls: 4, window: .seconds(60))]

            let taken = [
                try await take(10, a, minute, .read), try await take(10, b, minute, .read, pace: "key-2"),
                try await take(3, a, [], writes: writes), try await take(3, b, [], writes: writes, pace: "key-2"),
            ]

            #expect(taken.map(\.calls) == [10, 10, 3, 1])
        }
    }

    @Test func `a hold of one account holds all with its key`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            try await enter("brand-y", a)
            _ = try await database.run(PaceStatements.hold("brand-x", pace: "key-1", for: .seconds(30), reason: "429"))

            let same = try await take(1, a, minute, of: "brand-y")
            let other = try await take(1, a, minute, of: "brand-y", pace: "key-2")

            #expect(same.calls == 0 && other.calls == 1)
        }
    }
}
