import GRDB
import Pipeline

/// How many files are in which state, kept up to date by the ledger itself. Counting 300,000 files would take longer
/// than anybody waits who asks each second.
enum TalliesTable {
    /// Version 18. `files_causes` finds the file that has waited longest for a cause. `files_state` is the index of
    /// version 1 again: the tallies tell the folders.
    static let schema = """
        CREATE TABLE tallies (
            state TEXT NOT NULL,
            cause TEXT NOT NULL,
            folder TEXT NOT NULL,
            account TEXT NOT NULL,
            files INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            PRIMARY KEY (state, cause, folder, account)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO tallies
            SELECT state, ifnull(cause, ''), ifnull(folder, ''), ifnull(account, ''), count(*), sum(size)
            FROM files GROUP BY 1, 2, 3, 4;
        CREATE TRIGGER files_counted AFTER INSERT ON files BEGIN
            \(add)
        END;
        CREATE TRIGGER files_recounted AFTER UPDATE OF state, cause, folder, account, size ON files
        WHEN old.state <> new.state OR old.cause IS NOT new.cause OR old.folder IS NOT new.folder
            OR old.account IS NOT new.account OR old.size <> new.size
        BEGIN
            \(remove)
            \(add)
        END;
        CREATE TRIGGER files_uncounted AFTER DELETE ON files BEGIN
            \(remove)
        END;
        DROP INDEX files_state;
        CREATE INDEX files_state ON files (state);
        CREATE INDEX files_causes ON files (account, cause, entered) WHERE state IN ('settling', 'queued', 'uploading');
        """

    private static let add = """
        INSERT INTO tallies VALUES
            (new.state, ifnull(new.cause, ''), ifnull(new.folder, ''), ifnull(new.account, ''), 1, new.size)
            ON CONFLICT DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
        """

    private static let remove = """
        UPDATE tallies SET files = files - 1, bytes = bytes - old.size
            WHERE state = old.state AND cause = ifnull(old.cause, '') AND folder = ifnull(old.folder, '')
            AND account = ifnull(old.account, '');
        """

    /// All tallies that are not empty.
    static func all(in db: Database) throws -> [FileTally] {
        try db.rows("SELECT state, cause, folder, account, files, bytes FROM tallies WHERE files > 0").map { row in
            func name(_ index: Int) -> String? {
                let text: String = row[index]
                return text.isEmpty ? nil : text
            }
            return FileTally(
                folder: name(2),
                account: name(3),
                state: try FileState(column: row[0]),
                cause: try name(1).map(WaitCause.init(column:)),
                files: row[4],
                bytes: row[5]
            )
        }
    }

    /// All tallies, and since when the file has waited that has waited longest in each group.
    static func waits(in db: Database) throws -> (tallies: [FileTally], oldest: [StoredWait: Timestamp]) {
        let tallies = try all(in: db)
        var oldest: [StoredWait: Timestamp] = [:]
        for wait in Set(tallies.compactMap(\.wait)) { oldest[wait] = try FilesTable.oldest(of: wait, in: db)?.since }
        return (tallies, oldest)
    }
}
