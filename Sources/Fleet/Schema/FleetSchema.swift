import Pipeline

/// The schema `outtray` in the fleet's database: how it is made, brought up to date and checked.
///
/// Whoever makes or changes it holds a lock until the end of the transaction, so two of them follow each other.
package struct FleetSchema: Sendable {
    /// In order of their versions, from 1.
    let migrations: [Migration]

    package init(migrations: [Migration] = [.first]) {
        self.migrations = migrations
    }

    /// The version that this program needs, and the newest one that it knows.
    package var version: Int { migrations.last?.version ?? 0 }

    /// The fleet that a database holds.
    package struct Found: Hashable, Sendable {
        /// Names the fleet itself. A copy of the database has the same.
        package let fleet: String
        package let version: Int
        package let database: String
        package let role: String
    }

    /// What became of an `init` or `migrate`.
    package enum Outcome: Hashable, Sendable {
        case made
        case migrated(from: Int)
        /// It was there and of this version.
        case present
    }

    /// The fleet in the database, with all that a host needs. Changes nothing.
    ///
    /// - Throws: ``PostgresError`` or ``SchemaTrouble``.
    package func check(_ database: some PostgresDatabase) async throws -> Found {
        let look = try await SchemaLook(of: database)
        if let trouble = look.serverTrouble { throw trouble }
        guard look.hasSchema else { throw SchemaTrouble.missing(database: look.database) }
        guard look.isFleet else { throw SchemaTrouble.foreign(database: look.database) }
        guard look.mayUse, look.missingRights.isEmpty else {
            let schema = look.mayUse ? [] : ["schema outtray (USAGE)"]
            throw SchemaTrouble.noRights(role: look.role, of: schema + look.missingRights)
        }
        let row = try await versions(look, database)
        guard row.version >= version else { throw SchemaTrouble.tooOld(version: row.version, needed: version) }
        return Found(fleet: row.fleet, version: row.version, database: look.database, role: look.role)
    }

    /// Makes the fleet's tables if there are none, and gives the rights that the service needs to `role`. May be
    /// repeated. Tables of an earlier version stay as they are.
    ///
    /// - Throws: ``PostgresError``, ``SchemaTrouble`` or ``UnknownRole``.
    package func make(in database: some PostgresDatabase, role: String? = nil) async throws -> Outcome {
        var look = try await SchemaLook(of: database)
        if let trouble = look.serverTrouble { throw trouble }
        var outcome = Outcome.present
        if !look.hasSchema {
            let absent = Statement("SELECT 1 / count(*) FROM (SELECT) AS once WHERE to_regnamespace('outtray') IS NULL")
            for migration in migrations.prefix(1) where try await apply(migration, in: database, behind: absent) {
                outcome = .made
            }
            look = try await SchemaLook(of: database)
            try await takeSteps(in: database, after: try await versions(look, database).version)
        }
        let found = try await versions(look, database)
        guard found.version >= version else { throw SchemaTrouble.tooOld(version: found.version, needed: version) }
        try await grant(to: role, in: database)
        return outcome
    }

    /// Brings the tables up to this program's version, and gives the rights that the service needs to `role`. May be
    /// repeated.
    ///
    /// - Throws: ``PostgresError``, ``SchemaTrouble`` or ``UnknownRole``.
    package func migrate(_ database: some PostgresDatabase, role: String? = nil) async throws -> Outcome {
        let look = try await SchemaLook(of: database)
        guard look.hasSchema else { throw SchemaTrouble.missing(database: look.database) }
        let found = try await versions(look, database)
        try await takeSteps(in: database, after: found.version)
        try await grant(to: role, in: database)
        return found.version < version ? .migrated(from: found.version) : .present
    }

    /// The versions of a fleet that this program may change.
    private func versions(
        _ look: SchemaLook,
        _ database: some PostgresDatabase
    ) async throws -> SchemaLook.Versions {
        guard look.isFleet else { throw SchemaTrouble.foreign(database: look.database) }
        guard look.mayUse else { throw SchemaTrouble.noRights(role: look.role, of: ["schema outtray (USAGE)"]) }
        let found = try await look.versions(in: database)
        guard found.oldestReader <= version else {
            throw SchemaTrouble.tooNew(version: found.version, oldestReader: found.oldestReader, known: version)
        }
        return found
    }

    /// Takes all steps behind a version, each in a transaction of its own. Those that another one takes in the same
    /// moment are left out.
    private func takeSteps(in database: some PostgresDatabase, after begun: Int) async throws {
        for migration in migrations where migration.version > begun {
            let unchanged = Statement(
                "SELECT 1 / count(*) FROM outtray.fleet WHERE version = $1::bigint",
                [.integer(Int64(migration.version - 1))]
            )
            _ = try await apply(migration, in: database, behind: unchanged)
        }
    }

    /// Takes one step unless its gate is closed, which divides by zero. Returns whether it did.
    private func apply(
        _ migration: Migration,
        in database: some PostgresDatabase,
        behind gate: Statement
    ) async throws(PostgresError) -> Bool {
        let number = Statement(
            "UPDATE outtray.fleet SET version = $1::bigint, oldest_reader = greatest(oldest_reader, $2::bigint)",
            [.integer(Int64(migration.version)), .integer(Int64(migration.oldestReader))]
        )
        do throws(PostgresError) {
            _ = try await database.run([Self.lock, gate] + migration.statements.map { Statement($0) } + [number])
            return true
        } catch {
            guard error.kind == .gate else { throw error }
            return false
        }
    }

    private func grant(to role: String?, in database: some PostgresDatabase) async throws {
        guard let role else { return }
        let known = Statement("SELECT count(*) FROM pg_catalog.pg_roles WHERE rolname = $1::text", [.text(role)])
        let answers = try await database.run([known])
        guard try answers.first?.rows.first?.integer(0) == 1 else { throw UnknownRole(name: role) }
        _ = try await database.run([Self.lock] + TableRights.granting(to: role))
    }

    /// Held until the end of the transaction. The number is `outtray` in ASCII.
    private static let lock = Statement("SELECT pg_advisory_xact_lock(31372865445192057)")
}

/// The database has no such role.
package struct UnknownRole: Error, Hashable, CustomStringConvertible {
    package let name: String

    package var description: String {
        "there is no role \(name): make it first, for example by CREATE ROLE \(TableRights.quoted(name)) LOGIN"
    }
}
