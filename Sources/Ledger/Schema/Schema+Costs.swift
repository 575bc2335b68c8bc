import GRDB

extension Schema {
    /// What keeps the ledger's size and its calls' cost from growing with all that ever was.
    ///
    /// - `history`, which nothing reads, goes; it grew by a row a change.
    /// - Files that left go: a file is known while it is thought to be there, or its path shows an entry.
    /// - What is queued and due is told apart from what waits for its next try: a claim passes over none of those.
    /// - Rows of the manifest that are not shown are counted, told apart, and bounded (``ManifestTable/pruneHidden(in:)``).
    /// - Uploads are found by inode and by age without reading all.
    static func registerCosts(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("v8-costs") { db in
            try db.execute(
                sql: """
                    DROP TABLE history;
                    DELETE FROM files WHERE state = 'gone' AND NOT EXISTS (
                        SELECT 1 FROM manifest m WHERE m.path = files.path AND m.shown AND m.asset IS NOT NULL
                    );
                    DROP INDEX files_slots;
                    DROP INDEX files_size;
                    CREATE INDEX files_slots ON files (account, size >= 33554432, entered)
                        WHERE state = 'queued' AND due = 0;
                    CREATE INDEX files_size ON files (account, size, entered) WHERE state = 'queued' AND due = 0;
                    CREATE INDEX files_gone ON files (updated) WHERE state = 'gone' AND reason <> '';
                    CREATE INDEX uploads_inode ON uploads (inode);
                    CREATE INDEX uploads_asked ON uploads (asked);
                    CREATE INDEX manifest_hidden ON manifest (revision) WHERE NOT shown;
                    INSERT INTO counters (name, value) VALUES
                        ('shown', (SELECT count(*) FROM manifest WHERE shown)),
                        ('hidden', (SELECT count(*) FROM manifest WHERE NOT shown));
                    CREATE TRIGGER manifest_added AFTER INSERT ON manifest BEGIN
                        UPDATE counters SET value = value + 1 WHERE name = iif(NEW.shown, 'shown', 'hidden');
                    END;
                    CREATE TRIGGER manifest_dropped AFTER DELETE ON manifest BEGIN
                        UPDATE counters SET value = value - 1 WHERE name = iif(OLD.shown, 'shown', 'hidden');
                    END;
                    CREATE TRIGGER manifest_turned AFTER UPDATE OF shown ON manifest WHEN OLD.shown <> NEW.shown BEGIN
                        UPDATE counters SET value = value - 1 WHERE name = iif(OLD.shown, 'shown', 'hidden');
                        UPDATE counters SET value = value + 1 WHERE name = iif(NEW.shown, 'shown', 'hidden');
                    END;
                    """
            )
            try ManifestTable.pruneHidden(in: db)
        }
    }
}
