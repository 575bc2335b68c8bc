import Fleet
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct FleetSchemaTests {
    /// Reads the one number that a statement tells.
    private func number(_ database: PostgresConnection, _ sql: String) async throws -> Int64? {
        try await database.run(sql).rows.first?.integer(0)
    }

    @Test func `a fleet that was made is found, once, and making it again changes nothing`() async throws {
        let conninfo = try await PostgresServer.shared().database()
        try await withFleetDatabase(conninfo) { database in
            let missing = try await thrown(SchemaTrouble.self) { _ = try await FleetSchema().check(database) }
            guard case .missing? = missing else {
                Issue.record("\(missing.debugDescription)")
                return
            }

            let made = try await FleetSchema().make(in: database)
            #expect(made == .made)
            let found = try await FleetSchema().check(database)
            let again = try await FleetSchema().make(in: database)
            #expect(again == .present)
            let migrated = try await FleetSchema().migrate(database)
            #expect(migrated == .present)

            let foundAgain = try await FleetSchema().check(database)
            #expect(foundAgain == found)
            #expect(found.version == 1 && found.fleet.count == 36 && found.role == "admin")
        }
    }

    @Test func `two hosts that make it in one moment make one`() async throws {
        let conninfo = try await PostgresServer.shared().database()
        let outcomes = try await withThrowingTaskGroup(of: FleetSchema.Outcome.self) { group in
            for _ in 0..<4 {
                group.addTask { try await withFleetDatabase(conninfo) { try await FleetSchema().make(in: $0) } }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(outcomes.count { $0 == .made } == 1 && outcomes.count { $0 == .present } == 3, "\(outcomes)")
    }

    @Test func `another program's schema is left alone`() async throws {
        let conninfo = try await PostgresServer.shared().database()
        try await withFleetDatabase(conninfo) { database in
            _ = try await database.run([
                Statement("CREATE SCHEMA outtray"), Statement("CREATE TABLE outtray.fleet (ships integer)"),
            ])

            for attempt in 0..<3 {
                let trouble = try await thrown(SchemaTrouble.self) {
                    switch attempt {
                    case 0: _ = try await FleetSchema().check(database)
                    case 1: _ = try await FleetSchema().make(in: database)
                    default: _ = try await FleetSchema().migrate(database)
                    }
                }
                guard case .foreign? = trouble else {
                    Issue.record("\(attempt): \(trouble.debugDescription)")
                    continue
                }
            }
            let tables = try await number(database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'outtray'")
            #expect(tables == 1)
        }
    }

    /// Version 2 of a schema with one more table.
    private func later(oldestReader: Int) -> FleetSchema {
        FleetSchema(migrations: [
            .first,
            Migration(version: 2, oldestReader: oldestReader, statements: ["CREATE TABLE outtray.later (n integer)"]),
        ])
    }

    @Test func `a program that needs a later version says so until the tables are migrated`() async throws {
        let later = later(oldestReader: 1)
        try await withNewFleet { database in
            let checked = try await thrown(SchemaTrouble.self) { _ = try await later.check(database) }
            #expect(checked == .tooOld(version: 1, needed: 2))
            let remade = try await thrown(SchemaTrouble.self) { _ = try await later.make(in: database) }
            #expect(remade == .tooOld(version: 1, needed: 2))

            let migrated = try await later.migrate(database)
            #expect(migrated == .migrated(from: 1))

            let version = try await later.check(database).version
            #expect(version == 2)
            let again = try await later.migrate(database)
            #expect(again == .present)
            // The tables may be later than a program, if they allow it.
            let earlier = try await FleetSchema().check(database).version
            #expect(earlier == 2)
        }
    }

    @Test func `a program that is too old for the tables says so, and does not touch them`() async throws {
        let later = later(oldestReader: 2)
        try await withNewFleet { database in
            _ = try await later.migrate(database)
            let refusal = SchemaTrouble.tooNew(version: 2, oldestReader: 2, known: 1)

            let checked = try await thrown(SchemaTrouble.self) { _ = try await FleetSchema().check(database) }
            #expect(checked == refusal)
            let migrated = try await thrown(SchemaTrouble.self) { _ = try await FleetSchema().migrate(database) }
            #expect(migrated == refusal)
            let version = try await number(database, "SELECT version::bigint FROM outtray.fleet")
            #expect(version == 2)
        }
    }

    @Test func `a step that fails leaves nothing behind`() async throws {
        let broken = FleetSchema(migrations: [
            .first,
            Migration(
                version: 2,
                oldestReader: 1,
                statements: ["CREATE TABLE outtray.later (n integer)", "CREATE TABLE outtray.fleet (n integer)"]
            ),
        ])
        try await withNewFleet { database in
            let failure = try await thrown(PostgresError.self) { _ = try await broken.migrate(database) }
            #expect(failure != nil)

            let version = try await number(database, "SELECT version::bigint FROM outtray.fleet")
            #expect(version == 1)
            let tables = try await number(database, "SELECT count(*) FROM pg_tables WHERE tablename = 'later'")
            #expect(tables == 0)
        }
    }

    @Test func `a role without rights is told which, and has enough once they are given`() async throws {
        let server = try await PostgresServer.shared()
        let conninfo = try await server.database()
        let role = "se\"rvice \(UInt32.random(in: 0 ... .max))"
        let quoted = "\"\(role.replacing("\"", with: "\"\""))\""
        try await server.sql("CREATE ROLE \(quoted) LOGIN")
        let service = conninfo.replacing("user=admin", with: "user='\(role)'")
        try await withFleetDatabase(conninfo) { _ = try await FleetSchema().make(in: $0) }

        try await withFleetDatabase(service) { database in
            let trouble = try await thrown(SchemaTrouble.self) { _ = try await FleetSchema().check(database) }
            guard case .noRights(role, let missing)? = trouble else {
                Issue.record("\(trouble.debugDescription)")
                return
            }
            #expect(missing.first == "schema outtray (USAGE)", "\(missing)")
            #expect(missing.contains("contents (SELECT, INSERT, UPDATE)"), "\(missing)")
        }
        try await withFleetDatabase(conninfo) { database in
            let outcome = try await FleetSchema().make(in: database, role: role)
            #expect(outcome == .present)
        }
        try await withFleetDatabase(service) { database in
            let found = try await FleetSchema().check(database).role
            #expect(found == role)
            let deletion = try await thrown(PostgresError.self) {
                _ = try await database.run("DELETE FROM outtray.contents")
            }
            #expect(deletion?.kind == .noRight)
            _ = try await database.run("DELETE FROM outtray.calls")
        }
        try await withFleetDatabase(conninfo) { database in
            _ = try await database.run("REVOKE INSERT ON outtray.entries FROM \(quoted)")
        }
        try await withFleetDatabase(service) { database in
            let told = try await thrown(SchemaTrouble.self) { _ = try await FleetSchema().check(database) }
            #expect(told == .noRights(role: role, of: ["entries (INSERT)"]))
        }
    }

    @Test func `rights for a role that is not there are refused by its name`() async throws {
        try await withNewFleet { database in
            let unknown = try await thrown(UnknownRole.self) {
                _ = try await FleetSchema().make(in: database, role: "no\"body")
            }

            #expect(unknown?.name == "no\"body")
            #expect(unknown?.description.contains(#"CREATE ROLE "no""body" LOGIN"#) == true)
        }
    }

    @Test func `a database of another encoding is refused`() async throws {
        let server = try await PostgresServer.shared()
        let name = "latin\(UInt32.random(in: 0 ... .max))"
        try await server.sql("CREATE DATABASE \(name) ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")

        try await withFleetDatabase(server.conninfo(name)) { database in
            let told = try await thrown(SchemaTrouble.self) { _ = try await FleetSchema().make(in: database) }
            #expect(told == .encoding(database: name, "LATIN1"))
        }
    }
}
