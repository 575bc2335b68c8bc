import GRDB

extension Schema {
    /// Version 8: keeps the ledger's size and the cost of its calls from growing with everything that ever was.
    ///
    /// - `history` goes. Nothing reads it, and it grew by a row a change.
    /// - Files that left go. A file is known while it is thought to be there, or while its path shows an entry.
    /// - Queued files that are due are told apart from files that wait for their next try. A claim then skips no
    ///   waiting files.
    /// - Rows of the manifest that are not shown are counted, told apart, and bounded
    ///   (``ManifestTable/pruneHidden(in:)``).
    /// - Uploads are found by inode and by age without reading all of them.
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
