import TestSupport
import Testing
import Threads

@testable import Fleet

/// One connection to a real server.
@Suite(.timeLimit(.minutes(2)))
struct PostgresConnectionTests {
    @Test func `statements are answered in their order, each with its rows`() async throws {
        let answers = try await connected { database in
            try await database.run([
                Statement("CREATE TABLE public.a (b bigint)"),
                Statement("INSERT INTO public.a SELECT * FROM generate_series(1, $1::bigint)", [.integer(3)]),
                Statement("SELECT b, b * 2 FROM public.a ORDER BY b"),
            ])
        }

        #expect(answers.map(\.affected) == [0, 3, 3])
        #expect(try answers[2].rows.map { row throws(PostgresError) in try row.integer(1) } == [2, 4, 6])
    }

    @Test func `an error ends its own run alone, among many at a time`() async throws {
        let kinds = try await connected { database in
            try await withThrowingTaskGroup(of: (Int, PostgresError.Kind?).self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let gate = Statement("SELECT 1 / $1::int", [.integer(number % 3 == 0 ? 0 : 1)])
                        let value = Statement("SELECT $1::int", [.integer(Int64(number))])
                        do throws(PostgresError) {
                            let answers = try await database.run([gate, value])
                            return (number, try answers[1].rows[0].integer(0) == Int64(number) ? nil : .other)
                        } catch {
                            return (number, error.kind)
                        }
                    }
                }
                return try await group.reduce(into: [Int: PostgresError.Kind?]()) { $0[$1.0] = $1.1 }
            }
        }

        #expect(kinds.count == 100)
        for (number, kind) in kinds { #expect(kind == (number % 3 == 0 ? .gate : nil)) }
    }

    @Test func `a run is one transaction: all or none`() async throws {
        let count = try await connected { database in
            _ = try await database.run("CREATE TABLE public.a (b int PRIMARY KEY)")
            let twice = [Statement("INSERT INTO public.a VALUES (1)"), Statement("INSERT INTO public.a VALUES (1)")]
            let error = await failure(database, twice)
            #expect(error?.sqlState == "23505")
            return try await database.run("SELECT count(*) FROM public.a").rows[0].integer(0)
        }

        #expect(count == 0)
    }

    @Test func `an error that only the commit shows is the run's error`() async throws {
        try await connected { database in
            _ = try await database.run("CREATE TABLE public.a (b int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
            let twice = [Statement("INSERT INTO public.a VALUES (1)"), Statement("INSERT INTO public.a VALUES (1)")]

            #expect(await failure(database, twice)?.sqlState == "23505")
            #expect(try await database.run("SELECT count(*) FROM public.a").rows[0].integer(0) == 0)
        }
    }

    @Test func `a statement of another transaction that takes too long is busy`() async throws {
        let text = try await PostgresServer.shared().database()
        var short = try settings(text)
        short.statementTimeout = .milliseconds(50)

        try await connected(to: short) { database in
            _ = try await database.connections(after: 0)
            let error = await failure(database, [Statement("SELECT pg_sleep(10)")])
            #expect(error?.kind == .busy)
            #expect(error?.sqlState == "57014")
            #expect(try await database.run("SELECT 1").rows.count == 1)
        }
    }

    @Test func `a statement that waits too long for another transaction is busy`() async throws {
        let text = try await PostgresServer.shared().database()
        var short = try settings(text)
        short.lockTimeout = .milliseconds(50)

        try await connected(to: short) { database in
            _ = try await database.connections(after: 0)
            _ = try await database.run("CREATE TABLE public.a (b int)")
            try await connected(to: try settings(text)) { other in
                _ = try await other.connections(after: 0)
                // It holds the table until its transaction ends.
                let holder = Task {
                    let lock = Statement("ALTER TABLE public.a ADD c int")
                    return await failure(other, [lock, Statement("SELECT pg_sleep(30)")])
                }
                let held = "SELECT count(*) FROM pg_locks WHERE relation = 'public.a'::regclass AND granted"
                try await untilSo { try await database.run(held).rows[0].integer(0) != 0 }

                #expect(await failure(database, [Statement("SELECT * FROM public.a")])?.sqlState == "55P03")
                holder.cancel()
            }
        }
    }

    @Test func `a notification comes on the channel that is listened on`() async throws {
        let bell = Doorbell()
        let heard = Monitor<[PostgresNotification]>([])
        let onNotification: @Sendable (PostgresNotification) -> Void = { notification in
            heard.change { $0.append(notification) }
            bell.ring()
        }

        try await connected(channels: [#"odd "name"#], onNotification: onNotification) { database in
            _ = try await database.run("SELECT pg_notify($1, $2)", [.text(#"odd "name"#), .text("7")])
            await bell.wait()
        }

        #expect(heard.read { $0 } == [PostgresNotification(channel: #"odd "name"#, payload: "7")])
    }

    @Test func `a cancelled caller goes on at once, and so do the others`() async throws {
        try await connected { database in
            let slow = Task { await failure(database, [Statement("SELECT pg_sleep(2)")]) }
            let after = Task { try await database.run("SELECT 1").rows.count }
            slow.cancel()

            #expect(await slow.value?.kind == .cancelled)
            let rows = try await after.value
            #expect(rows == 1)
        }
    }

    @Test func `without a connection statements fail at once`() async throws {
        let text = try await PostgresServer.shared().database()
        let connection = try PostgresConnection(try settings(text), logger: quiet)

        #expect(connection.standing == .connecting)
        #expect(await failure(connection, [Statement("SELECT 1")])?.kind == .unreachable)
    }

    @Test func `after the end statements fail, and nobody waits`() async throws {
        let (connection, waiting) = try await connected { database in
            let waiting = Task { await failure(database, [Statement("SELECT pg_sleep(60)")]) }
            return (database, waiting)
        }

        #expect(await waiting.value?.kind == .unreachable)
        #expect(await failure(connection, [Statement("SELECT 1")])?.kind == .unreachable)
    }
}
