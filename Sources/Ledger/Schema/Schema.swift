import GRDB

/// The ledger's tables, and the migrations from earlier versions of the file.
enum Schema {
    /// "OTRY": marks the file as ours (`PRAGMA application_id`, https://www.sqlite.org/fileformat.html).
    static let applicationID: Int32 = 0x4F54_5259

    /// One migration a version, but two for version 3. Each runs in a transaction of its own. A released migration
    /// never changes, and neither does the order here: version 8 came before 6 and 7.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1") { db in
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            for table in [counters, FilesTable.schema, AssetsTable.schema, UploadsTable.schema, ManifestTable.schema] {
                try db.execute(sql: table)
            }
        }
        migrator.registerMigration("v2") { try $0.execute(sql: AssetsTable.withoutUniqueContent) }
        migrator.registerMigration("v3") { try $0.execute(sql: history) }
        registerSlots(in: &migrator)
        migrator.registerMigration("v4-bytes") { try $0.execute(sql: UploadsTable.withBytes) }
        registerAccounts(in: &migrator)
        registerCosts(in: &migrator)
        registerDepartures(in: &migrator)
        registerPace(in: &migrator)
        migrator.registerMigration("v9-inodes") { try $0.execute(sql: FilesTable.withInodes) }
        migrator.registerMigration("v10-cause") { try $0.execute(sql: FilesTable.withCause) }
        migrator.registerMigration("v11-claims") { try $0.execute(sql: AssetsTable.withClaims) }
        migrator.registerMigration("v12-refusals") { try $0.execute(sql: FilesTable.withRefusals) }
        migrator.registerMigration("v13-paths") { try $0.execute(sql: DeparturesTable.withPaths) }
        migrator.registerMigration("v14-steps") { try $0.execute(sql: StepsTable.schema) }
        migrator.registerMigration("v15-folder-counts") { try $0.execute(sql: FilesTable.withFolderCounts) }
        migrator.registerMigration("v16-hooks") { try $0.execute(sql: HooksTable.schema) }
        registerActions(in: &migrator)
        migrator.registerMigration("v18-tallies") { try $0.execute(sql: TalliesTable.schema) }
        migrator.registerMigration("v19-sidecars") { try $0.execute(sql: SidecarsTable.schema) }
        migrator.registerMigration("v20-published") { try $0.execute(sql: PublishedTable.schema) }
        migrator.registerMigration("v21-presence") { try $0.execute(sql: FilesTable.withPresence) }
        registerMeasures(in: &migrator)
        migrator.registerMigration("v23-first-looks") { try $0.execute(sql: FirstLooksTable.schema) }
        migrator.registerMigration("v24-left-up") { try $0.execute(sql: FilesTable.withLeftUp) }
        migrator.registerMigration("v25-fleet") { try $0.execute(sql: FleetTable.schema) }
        migrator.registerMigration("v26-fleet-copy") { try $0.execute(sql: FleetCopyTable.schema) }
        migrator.registerMigration("v27-settling-times") { try $0.execute(sql: FilesTable.withSettlingTimes) }
        return migrator
    }

    /// Numbers that count up: the manifest's revision, and the order in which files came to wait.
    private static let counters = """
        CREATE TABLE counters (
            name TEXT NOT NULL PRIMARY KEY,
            value INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO counters (name, value) VALUES ('revision', 0), ('entered', 0);
        """

    /// Version 3: which assets each path showed. Version 8 drops this table, as nothing read it.
    private static let history = """
        CREATE TABLE history (
            path BLOB NOT NULL,
            revision INTEGER NOT NULL,
            asset INTEGER NOT NULL REFERENCES assets (id),
            since INTEGER NOT NULL,
            PRIMARY KEY (path, revision)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO history (path, revision, asset, since)
            SELECT m.path, m.revision, m.asset, a.uploaded FROM manifest m JOIN assets a ON a.id = m.asset WHERE m.shown;
        """

    /// Refuses a file that is not ours to write. Writes nothing. `readsContent`: reads the whole file.
    static func check(_ db: Database, path: String, readsContent: Bool = true) throws {
        try checkOrigin(of: db, path: path)
        if readsContent { try checkContent(of: db, path: path) }
    }

    /// Whether nothing was made yet. GRDB makes its table of migrations in a commit of its own, and a kill may come
    /// between that commit and ours.
    static func isEmpty(_ db: Database) throws -> Bool {
        let tables = "SELECT count(*) FROM sqlite_master WHERE tbl_name <> 'grdb_migrations'"
        return try mark(of: db) == 0 && Int.fetchOne(db, sql: tables) == 0
    }

    private static func mark(of db: Database) throws -> Int32 {
        try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    }

    private static func checkOrigin(of db: Database, path: String) throws {
        guard try mark(of: db) == applicationID || isEmpty(db) else {
            throw LedgerError(.cannotOpen, "\(path) is a database of another program: move it aside")
        }
        guard try !migrator.hasBeenSuperseded(db) else {
            throw LedgerError(
                .newerSchema,
                "\(path) was written by a newer version of Outtray: install that version or a later one"
            )
        }
    }

    /// Refuses a file whose pages, indexes and tables do not fit together.
    private static func checkContent(of db: Database, path: String) throws {
        let finding = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)") ?? "no answer"
        guard finding == "ok" else { throw LedgerError.damaged(path: path, detail: finding) }
    }
}
