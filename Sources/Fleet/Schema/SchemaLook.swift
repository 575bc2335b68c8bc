/// What a database says of itself and of its schema `outtray`, by the catalogue, which every role may read.
struct SchemaLook {
    let database: String
    let role: String
    let hasSchema: Bool
    /// Whether the role may use what is in the schema.
    let mayUse: Bool
    /// Whether the schema has the table that every version of a fleet has.
    let isFleet: Bool
    /// Words such as `contents (INSERT, UPDATE)`.
    let missingRights: [String]
    private let encoding: String
    private let server: Int

    /// What keeps a fleet from being in this database at all; nil if nothing does.
    var serverTrouble: SchemaTrouble? {
        if server < SchemaTrouble.oldestServer { return .server(server) }
        if encoding != "UTF8" { return .encoding(database: database, encoding) }
        return nil
    }

    init(of database: some PostgresDatabase) async throws(PostgresError) {
        let answers = try await database.run([Self.facts, TableRights.missing])
        guard let row = answers.first?.rows.first, let missing = answers.last?.rows else {
            throw PostgresError(.other, "the server told nothing of its database")
        }
        self.database = try row.text(0) ?? ""
        role = try row.text(1) ?? ""
        encoding = try row.text(2) ?? ""
        server = Int(try row.integer(3) ?? 0)
        hasSchema = try row.boolean(4) ?? false
        mayUse = try row.boolean(5) ?? false
        isFleet = try row.integer(6) == 3
        var rights: [String] = []
        for row in missing { rights.append("\(try row.text(0) ?? "?") (\(try row.text(1) ?? "?"))") }
        missingRights = rights
    }

    private static let facts = Statement(
        """
        SELECT d.datname::text, current_user::text, pg_encoding_to_char(d.encoding)::text,
            current_setting('server_version_num')::bigint, n.oid IS NOT NULL,
            coalesce(has_schema_privilege(n.oid, 'USAGE'), false),
            (SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
                WHERE c.relnamespace = n.oid AND c.relname = 'fleet' AND c.relkind = 'r'
                    AND a.attname IN ('fleet', 'version', 'oldest_reader') AND NOT a.attisdropped)
        FROM pg_catalog.pg_database d LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'outtray'
        WHERE d.datname = current_database()
        """
    )

    /// The fleet's one row.
    struct Versions {
        let fleet: String
        let version: Int
        let oldestReader: Int
    }

    func versions(in database: some PostgresDatabase) async throws -> Versions {
        let answers = try await database.run([
            Statement("SELECT fleet::text, version::bigint, oldest_reader::bigint FROM outtray.fleet")
        ])
        guard let row = answers.first?.rows.first, let fleet = try row.text(0), let version = try row.integer(1),
            let oldest = try row.integer(2)
        else { throw SchemaTrouble.foreign(database: self.database) }
        return Versions(fleet: fleet, version: Int(version), oldestReader: Int(oldest))
    }
}
