import GRDB

extension Schema {
    /// Departures, and where files that were moved are.
    static func registerDepartures(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("v6-departures") { db in
            try db.execute(sql: DeparturesTable.schema)
            try db.execute(sql: "ALTER TABLE manifest ADD COLUMN moved_to BLOB")
        }
    }
}
