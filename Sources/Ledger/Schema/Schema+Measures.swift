import GRDB

extension Schema {
    /// Version 22: how large and long files are, and what may keep a provider from using them.
    ///
    /// - An asset has the measure of its bytes. Assets that went up before have none: old files are not read again.
    /// - A file has it from its classification to its upload.
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
                    ALTER TABLE files ADD COLUMN warnings TEXT;
                    ALTER TABLE manifest ADD COLUMN warnings TEXT;
                    """
            )
        }
    }
}
