import GRDB

extension Schema {
    /// Version 7: API calls that were recorded before they were made (``PaceReserve``).
    static func registerPace(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("v7-pace") { db in
            try db.execute(
                sql: """
                    CREATE TABLE pace (
                        id INTEGER PRIMARY KEY,
                        pace TEXT NOT NULL,
                        writes INTEGER NOT NULL,
                        at INTEGER NOT NULL,
                        calls INTEGER NOT NULL
                    ) STRICT;
                    CREATE INDEX pace_own ON pace (pace, writes, id);
                    """
            )
        }
    }
}
