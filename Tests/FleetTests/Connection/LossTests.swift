import Glibc
import TestSupport
import Testing
import Threads

@testable import Fleet

/// A connection that is lost, and comes back by itself.
@Suite(.timeLimit(.minutes(2)))
struct LossTests {
    @Test func `all in flight fail when the server ends the connection, and the next one is fine`() async throws {
        let server = try await PostgresServer.shared()

        try await connected { database in
            let row = try await database.run("SELECT pg_backend_pid(), current_database()").rows[0]
            let process = try #require(try row.integer(0))
            let name = try #require(try row.text(1))
            let waiting = (0..<20).map { _ in Task { await failure(database, [Statement("SELECT pg_sleep(60)")]) } }
            try await untilSleeping(server, in: name)
            try await server.sql("SELECT pg_terminate_backend(\(process))")

            for task in waiting { #expect(await task.value?.kind == .unreachable) }
            #expect(try await database.connections(after: 1) == 2)
            #expect(try await database.run("SELECT 1").rows.count == 1)
        }
    }

    @Test func `whenever the connection is lost, every request ends`() async throws {
        let server = try await PostgresServer.shared()

        try await connected { database in
            let name = try #require(try await database.run("SELECT current_database()").rows[0].text(0))
            let wide = Statement("SELECT $1::text", [.text(String(repeating: "x", count: 100_000))])
            // Many at a time, so that some are just being sent at each loss.
            let isOver = Latch(["end"])
            let callers = (0..<32).map { _ in
                Task {
                    var ended = 0
                    while !isOver.missing.isEmpty {
                        if await failure(database, [wide]) != nil { try? await Task.sleep(for: .milliseconds(1)) }
                        ended += 1
                    }
                    return ended
                }
            }
            for count in 1...15 {
                _ = try await database.connections(after: count - 1)
                try await server.sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'"
                )
            }
            isOver.open()
            var ended = 0
            for caller in callers { ended += await caller.value }
            #expect(ended > 32)
        }
    }

    @Test func `a crashed server is reached again once it runs`() async throws {
        let server = try await PostgresServer()
        let text = try await server.database("own")

        try await connected(to: try settings(text)) { database in
            _ = try await database.connections(after: 0)
            let waiting = Task { await failure(database, [Statement("SELECT pg_sleep(60)")]) }
            try await untilSleeping(server, in: "own")
            try await server.stop(immediately: true)

            #expect(await waiting.value?.kind == .unreachable)
            try await untilSo { !database.standing.isReachable }
            #expect(await failure(database, [Statement("SELECT 1")])?.kind == .unreachable)
            try await server.start()
            #expect(try await database.connections(after: 1) == 2)
            #expect(try await database.run("SELECT 1").rows.count == 1)
        }
    }

    @Test func `a server that does not answer any more counts as lost`() async throws {
        let text = try await PostgresServer.shared().database()
        var short = try settings(text)
        short.statementTimeout = .seconds(1)
        short.grace = .milliseconds(200)

        try await connected(to: short) { database in
            _ = try await database.connections(after: 0)
            // The server's process for this connection stands still, as on a machine that hangs.
            let process = try await database.run("SELECT pg_backend_pid()").rows[0].integer(0)
            let stopped = pid_t(try #require(process))
            #expect(kill(stopped, SIGSTOP) == 0)
            let error = await failure(database, [Statement("SELECT 1")])
            kill(stopped, SIGCONT)

            #expect(error?.kind == .unreachable)
            #expect(error?.reason.contains("does not answer") == true)
            #expect(try await database.connections(after: 1) == 2)
        }
    }

    /// Returns when a statement sleeps in this database.
    private func untilSleeping(_ server: PostgresServer, in database: String) async throws {
        let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(database)' AND wait_event = 'PgSleep'"
        try await untilSo { try await server.sql(sleeping) != "0" }
    }
}
