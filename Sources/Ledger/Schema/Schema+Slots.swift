import GRDB

extension Schema {
    /// Version 3: indexes for claiming large files, small files and the smallest file. A claim then reads as many rows
    /// as it takes, however many are queued. `files_slots` replaces `files_queue`, which had no sizes.
    ///
    /// The number in it is `Portion.largeSize` as of this version's release, and never changes. With another
    /// `Portion.largeSize`, the query would sort the whole queue (a test looks at its plan).
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
