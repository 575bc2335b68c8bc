import GRDB

extension Schema {
    /// Version 22: how large and long files are, and what may keep a provider from using them.
    ///
    /// - An asset has the measure of its bytes. Assets that went up before have none: old files are not read again.
    /// - A file has it from its classification to its upload. Files that wait are looked at again, as new rules would
    ///   not find what they have. Uploads that were begun go on. Files that were pushed by name stay as they are:
    ///   nobody watches their place.
    /// - Warnings belong to a path, as the rules of its folder may have led to them (`manifest.warnings`, JSON).
    static func registerMeasures(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("v22-measures") { db in
            for table in ["files", "assets"] {
                for column in MeasureColumns.released {
                    try db.execute(sql: "ALTER TABLE \(table) ADD COLUMN \(column) INTEGER")
                }
            }
            try db.execute(
                sql: """
                    ALTER TABLE manifest ADD COLUMN warnings TEXT;
                    UPDATE files SET state = 'settling', cause = 'settling', reason = 'it is looked at by a new version',
                        account = NULL, due = NULL
                        WHERE state IN ('queued', 'uploading') AND folder IS NOT NULL;
                    """
            )
        }
    }
}
