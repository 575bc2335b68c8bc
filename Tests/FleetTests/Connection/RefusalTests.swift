import SystemPackage
import TestSupport
import Testing

@testable import Fleet

/// What a connection says when it cannot be made.
@Suite(.timeLimit(.minutes(2)))
struct RefusalTests {
    @Test func `a wrong password is refused, and the reason does not tell it`() async throws {
        let server = try await PostgresServer.shared()
        try await Self.makeLocked(server)
        let directory = try TemporaryDirectory()
        let file = try directory.write("pass", "*:*:*:locked:wr0ng\n")
        try directory.setMode(of: "pass", to: 0o600)

        let error = try await refusal(
            try settings("\(server.conninfo("postgres", user: "locked")) passfile=\(file)")
        )

        #expect(error.kind == .refused)
        #expect(error.sqlState == "28P01")
        #expect(error.reason.contains("password authentication failed for user \"locked\""))
        #expect(error.reason.contains("passfile"))
        #expect(!error.reason.contains("wr0ng"))
    }

    @Test func `the right password of a passfile is taken`() async throws {
        let server = try await PostgresServer.shared()
        try await Self.makeLocked(server)
        let directory = try TemporaryDirectory()
        let file = try directory.write("pass", "*:*:*:locked:secret\n")
        try directory.setMode(of: "pass", to: 0o600)

        let reached = try settings("\(server.conninfo("postgres", user: "locked")) passfile=\(file)")

        let user = try await connected(to: reached) { database in
            _ = try await database.connections(after: 0)
            return try await database.run("SELECT current_user::text").rows[0].text(0)
        }
        #expect(user == "locked")
    }

    @Test func `without a password the reason says where it goes`() async throws {
        let server = try await PostgresServer.shared()
        try await Self.makeLocked(server)

        let error = try await refusal(
            try settings("\(server.conninfo("postgres", user: "locked")) passfile=/nowhere")
        )

        #expect(error.kind == .refused)
        #expect(error.reason.contains("put the password into the passfile"))
    }

    @Test func `a database that is not there is told`() async throws {
        let server = try await PostgresServer.shared()

        let error = try await refusal(try settings(server.conninfo("nothing")))

        #expect(error.kind == .noDatabase)
        #expect(error.sqlState == "3D000")
        #expect(error.reason.contains("database \"nothing\" does not exist"))
    }

    @Test func `a role that is not there is refused`() async throws {
        let server = try await PostgresServer.shared()

        #expect(try await refusal(try settings(server.conninfo("postgres", user: "nobody"))).kind == .refused)
    }

    @Test func `a server that is not there is unreachable`() async throws {
        let directory = try TemporaryDirectory()

        let error = try await refusal(try settings("host=\(directory.path) dbname=a user=a"))

        #expect(error.kind == .unreachable)
        #expect(error.sqlState == nil)
    }

    @Test func `a port that takes a connection and says nothing is unreachable after the time for it`() async throws {
        let silent = try LoopbackSocket()
        try silent.listen()

        let error = try await refusal(
            try settings("host=127.0.0.1 port=\(silent.port) dbname=a user=a connect_timeout=1")
        )

        #expect(error.kind == .unreachable)
        #expect(error.reason.contains("port \(silent.port), did not answer within 1 s"))
    }

    @Test func `a server behind a silent one is reached`() async throws {
        let server = try await PostgresServer.shared()
        let silent = try LoopbackSocket()
        try silent.listen()

        let two = try settings(
            "host=127.0.0.1,\(server.socket) port=\(silent.port),5432 dbname=postgres user=admin connect_timeout=1"
        )

        let count = try await connected(to: two) { try await $0.connections(after: 0) }
        #expect(count == 1)
    }

    @Test func `a database that takes no writes is told`() async throws {
        let server = try await PostgresServer.shared()
        let text = try await server.database("readonly")
        try await server.sql("ALTER DATABASE readonly SET default_transaction_read_only = on")

        let error = try await refusal(try settings(text))

        #expect(error.kind == .readOnly)
        #expect(error.reason.contains("read-only"))
        #expect(error.reason.contains("name the server that takes writes"))
    }

    @Test func `a database that begins to take no writes is left, and reached again after that`() async throws {
        let server = try await PostgresServer()
        let text = try await server.database("own")

        try await connected(to: try settings(text)) { database in
            _ = try await database.connections(after: 0)
            _ = try await database.run("CREATE TABLE public.a (b int)")
            try await server.set("default_transaction_read_only = on")
            let write = [Statement("INSERT INTO public.a VALUES (1)")]
            try await untilSo { await failure(database, write)?.kind == .readOnly || !database.standing.isReachable }
            try await untilSo { !database.standing.isReachable }
            try await server.set("default_transaction_read_only = off")

            #expect(try await database.connections(after: 1) == 2)
            #expect(await failure(database, write) == nil)
        }
    }

    @Test func `a role without rights is told, and so is a table that is not there`() async throws {
        let server = try await PostgresServer.shared()
        try await server.sql("CREATE ROLE guest LOGIN")
        let text = try await server.database("rights")
        try await server.sql("CREATE SCHEMA outtray; CREATE TABLE outtray.a (b int)", database: "rights")
        try await server.sql("GRANT USAGE ON SCHEMA outtray TO guest", database: "rights")

        try await connected(to: try settings("\(text) user=guest")) { database in
            _ = try await database.connections(after: 0)
            #expect(await failure(database, [Statement("SELECT * FROM outtray.a")])?.kind == .noRight)
            #expect(await failure(database, [Statement("SELECT * FROM outtray.c")])?.kind == .noSchema)
            #expect(await failure(database, [Statement("INSERT INTO elsewhere.c VALUES (1)")])?.kind == .noSchema)
        }
    }

    @Test func `a library that is not there is told with its package`() {
        let error = #expect(throws: PostgresError.self) { try PostgresLibrary.load("libnothing.so.5") }

        #expect(error?.kind == .noLibrary)
        #expect(error?.reason.contains("libnothing.so.5") == true)
        #expect(error?.reason.contains("install the package libpq5") == true)
    }

    @Test func `a library that is another one is told with what it lacks`() {
        let error = #expect(throws: PostgresError.self) { try PostgresLibrary.load("libc.so.6") }

        #expect(error?.kind == .noLibrary)
        #expect(error?.reason.contains("it lacks PQlibVersion") == true)
    }

    /// Tests run at a time, and the role is the same for all.
    private static func makeLocked(_ server: PostgresServer) async throws {
        try await server.sql(
            """
            SELECT pg_advisory_lock(1);
            DO $$ BEGIN CREATE ROLE locked LOGIN PASSWORD 'secret'; EXCEPTION WHEN duplicate_object THEN NULL; END $$
            """
        )
    }
}
