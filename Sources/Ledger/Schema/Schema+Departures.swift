import GRDB

extension Schema {
    /// Version 6: departures, and the new places of files that were moved.
    static func registerDepartures(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("v6-departures") { db in
            try db.execute(sql: DeparturesTable.schema)
            try db.execute(sql: "ALTER TABLE manifest ADD COLUMN moved_to BLOB")
        }
    }
}
