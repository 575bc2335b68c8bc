import GRDB

extension Schema {
    /// Indexes for taking large and small files apart from each other, and the smallest: a claim then reads as many rows as
    /// it takes, however many are queued. The first one takes the place of `files_queue`, which had no sizes.
    ///
    /// Its number is that of `Portion.largeSize` when this was released, and stays what it is; with another one there, the
    /// query would sort all that is queued (a test looks at its plan).
    static func registerSlots(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("v3-slots") { db in
            try db.execute(
                sql: """
                    DROP INDEX files_queue;
                    CREATE INDEX files_slots ON files (account, size >= 33554432, entered) WHERE state = 'queued';
                    CREATE INDEX files_size ON files (account, size, entered) WHERE state = 'queued';
                    """
            )
        }
    }
}
