import GRDB

extension Schema {
    /// Version 17: what people ask for (``ActionBook``).
    ///
    /// - `pauses`: what is paused, by identity (``PausesTable``).
    /// - `manifest.forgotten`: the row is not shown because somebody forgot it.
    /// - `manifest.left_at`: when the file of an entry left. If no time is known, it is that of the migration.
    /// - Indexes find uploaded files whose asset failed, and entries of files that left.
    static func registerActions(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("v17-pauses") { db in
            try db.execute(sql: PausesTable.schema)
            try db.execute(
                sql: """
                    ALTER TABLE manifest ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0;
                    CREATE INDEX assets_failed ON assets (id) WHERE status = 'failed';
                    ALTER TABLE manifest ADD COLUMN left_at INTEGER;
                    UPDATE manifest SET left_at = ifnull(
                        (SELECT f.updated FROM files f WHERE f.path = manifest.path AND f.state = 'gone'),
                        unixepoch() * 1000
                    ) WHERE shown AND NOT present;
                    CREATE INDEX manifest_left ON manifest (left_at) WHERE shown AND NOT present;
                    """
            )
        }
    }
}
