import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

/// What is known of each file, in the version last seen. One row a path that is thought to have a file, or that shows
/// an entry.
enum FilesTable {
    /// - `root`, `mime`, `kind`, `upload_name`: what a worker needs. Set when the file is queued.
    /// - `due`: when the next try may start, while queued; when the next look is, while settling, for people.
    /// - `entered`: a number that tells which file has waited longest. Given when a file starts to settle and when it
    ///   is queued.
    static let schema = """
        CREATE TABLE files (
            id INTEGER PRIMARY KEY,
            path BLOB NOT NULL UNIQUE,
            folder TEXT,
            account TEXT,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            device INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            due INTEGER,
            entered INTEGER NOT NULL,
            updated INTEGER NOT NULL,
            root BLOB,
            mime TEXT,
            kind TEXT,
            upload_name TEXT
        ) STRICT;
        CREATE INDEX files_state ON files (state);
        CREATE INDEX files_queue ON files (account, entered) WHERE state = 'queued';
        CREATE INDEX files_due ON files (account, due) WHERE state = 'queued';
        CREATE INDEX files_waiting ON files (entered) WHERE state IN ('settling', 'queued', 'uploading');
        CREATE INDEX files_present ON files (folder, path) WHERE state <> 'gone';
        """

    /// Version 9: finds the paths at which one inode was seen. A rename then costs the same, however many files have
    /// the same bytes.
    static let withInodes = "CREATE INDEX files_inode ON files (inode);"

    /// Version 10: why a file waits, as a value (``WaitCause``).
    static let withCause = "ALTER TABLE files ADD COLUMN cause TEXT;"

    /// Version 12: refusals that say nothing of their file (``AssetBook/isRefusalContradicted(of:)``).
    ///
    /// - `tried`: the number of the claim that began the last try. Numbers count up, whatever any clock says.
    /// - `refused`: `tried` of the try that was first refused so by the account `holder`; 0 once another file has gone
    ///   up since; null if the version was not refused so.
    static let withRefusals = """
        ALTER TABLE files ADD COLUMN tried INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE files ADD COLUMN refused INTEGER;
        CREATE INDEX files_refused ON files (holder, refused) WHERE refused > 0;
        INSERT INTO counters (name, value) VALUES ('tries', 0);
        """

    /// Version 13: counts the files of each folder and state from the index alone.
    static let withFolderCounts = """
        DROP INDEX files_state;
        CREATE INDEX files_state ON files (state, folder);
        """

    /// Version 21: whether the file is thought to be there, which is every state but `gone`. Triggers keep it. A file
    /// that was let go of may be both (``keepPresent(_:in:)``).
    ///
    /// It changes only when a file comes or goes. So a change of state leaves alone the index of present files, whose
    /// keys have whole paths.
    static let withPresence = """
        ALTER TABLE files ADD COLUMN present INTEGER NOT NULL DEFAULT 1;
        UPDATE files SET present = 0 WHERE state = 'gone';
        DROP INDEX files_present;
        CREATE INDEX files_present ON files (folder, path) WHERE present;
        CREATE TRIGGER files_added_gone AFTER INSERT ON files WHEN NEW.state = 'gone' BEGIN
            UPDATE files SET present = 0 WHERE id = NEW.id;
        END;
        CREATE TRIGGER files_turned AFTER UPDATE OF state ON files
        WHEN (OLD.state = 'gone') <> (NEW.state = 'gone') BEGIN
            UPDATE files SET present = NEW.state <> 'gone' WHERE id = NEW.id;
        END;
        """

    /// The columns of ``record(_:)``, in its order.
    static let recordColumns = """
        path, folder, account, state, reason, device, inode, size, modified, changed, attempts, due, updated, cause
        """

    // MARK: Reading

    static func record(of path: FilePath, in db: Database) throws -> FileRecord? {
        try db.row("SELECT \(recordColumns) FROM files WHERE path = ?", [path.blob]).map(record)
    }

    /// The file's state. Nil unless the file is known in this very version.
    static func state(of file: MediaFile, in db: Database) throws -> FileState? {
        guard let record = try record(of: file.path, in: db), record.version == file.version else { return nil }
        return record.state
    }

    static func version(of path: FilePath, in db: Database) throws -> FileVersion? {
        try db.row("SELECT device, inode, size, modified, changed FROM files WHERE path = ?", [path.blob])
            .map { FileVersion($0, at: 0) }
    }

    /// Whether the file is known in another version than the call's.
    static func hasMovedOn(from file: MediaFile, in db: Database) throws -> Bool {
        guard let version = try version(of: file.path, in: db) else { return false }
        return version != file.version
    }

    /// Whether the file is known in a version whose bytes cannot be those of the call's.
    static func hasOtherBytes(than file: MediaFile, in db: Database) throws -> Bool {
        guard let version = try version(of: file.path, in: db) else { return false }
        return !version.mayHaveSameBytes(as: file.version)
    }

    /// Whether the file is known in another version than the call's, and that version is up or rejected.
    static func hasNewerResult(than file: MediaFile, in db: Database) throws -> Bool {
        guard let record = try record(of: file.path, in: db), record.version != file.version else { return false }
        return record.state == .uploaded || record.state == .rejected
    }

    static func waiting(limit: Int, in db: Database) throws -> [FileRecord] {
        try db.rows(
            """
            SELECT \(recordColumns) FROM files INDEXED BY files_waiting
            WHERE state IN ('settling', 'queued', 'uploading') ORDER BY entered LIMIT ?
            """,
            [limit]
        ).map(record)
    }

    static func record(_ row: StoredRow) throws -> FileRecord {
        FileRecord(
            path: FilePath(blob: row[0]),
            folder: row[1],
            account: row[2],
            state: try FileState(column: row[3]),
            cause: try (row[13] as String?).map(WaitCause.init(column:)),
            reason: row[4],
            version: FileVersion(row, at: 5),
            attempts: row[10],
            due: Timestamp(column: row[11]),
            updatedAt: Timestamp(milliseconds: row[12])
        )
    }

    // MARK: Writing

    /// Writes a file's whole row, in place of what was known of the path. An upload of certainly other bytes is left
    /// behind.
    static func put(_ record: FileRecord, media: MediaFile? = nil, entered: Int64, in db: Database) throws {
        let whole: Bindings = [
            record.path.blob, record.folder, record.account, record.state.rawValue, record.cause?.rawValue,
            record.reason,
        ]
        let rest: Bindings = [
            record.attempts, record.due?.milliseconds, entered, record.updatedAt.milliseconds,
            media?.root.blob, media?.mime.rawValue, media?.kind.rawValue, media?.uploadName,
        ]
        try db.run(
            """
            INSERT INTO files (
                path, folder, account, state, cause, reason, device, inode, size, modified, changed,
                attempts, due, entered, updated, root, mime, kind, upload_name, \(MeasureColumns.list)
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (path) DO UPDATE SET
                folder = excluded.folder, account = excluded.account, state = excluded.state,
                cause = excluded.cause, reason = excluded.reason, device = excluded.device, inode = excluded.inode,
                size = excluded.size,
                modified = excluded.modified, changed = excluded.changed, attempts = excluded.attempts,
                due = excluded.due, entered = excluded.entered, updated = excluded.updated, root = excluded.root,
                mime = excluded.mime, kind = excluded.kind, upload_name = excluded.upload_name,
                width = excluded.width, height = excluded.height, duration_ms = excluded.duration_ms,
                refused = NULL, left_up = 0
            """,
            whole + record.version.columns + rest + measured(media)
        )
        try UploadsTable.leaveOthers(at: record.path, than: record.version, in: db)
    }

    /// Queues a file that has settled in this version, as most files come. Writes what ``put(_:media:entered:in:)``
    /// would change, and so leaves the indexes of paths and inodes alone.
    static func queueSettled(_ file: MediaFile, entered: Int64, at time: Timestamp, in db: Database) throws {
        try db.run(
            """
            UPDATE files SET state = 'queued', cause = NULL, reason = '', account = ?, due = ?, entered = ?, updated = ?,
                root = ?, mime = ?, kind = ?, upload_name = ?, refused = NULL,
                width = ?, height = ?, duration_ms = ?
            WHERE path = ?
            """,
            [
                file.account, Timestamp.atOnce.milliseconds, entered, time.milliseconds, file.root.blob,
                file.mime.rawValue, file.kind.rawValue, file.uploadName,
            ] + measured(file) + [file.path.blob]
        )
    }

    private static func measured(_ file: MediaFile?) -> Bindings {
        MeasureColumns.values(of: file?.measure ?? .unknown)
    }

    /// Changes the state of a file that stays in its version. `due`: when it is looked at again, while it settles.
    static func move(
        _ path: FilePath,
        to state: FileState,
        cause: WaitCause? = nil,
        reason: String = "",
        due: Timestamp? = nil,
        tried number: Int64? = nil,
        at time: Timestamp,
        in db: Database
    ) throws {
        try db.run(
            """
            UPDATE files SET state = ?, cause = ?, reason = ?, due = ?, updated = ?, tried = ifnull(?, tried)
            WHERE path = ?
            """,
            [state.rawValue, cause?.rawValue, reason, due?.milliseconds, time.milliseconds, number, path.blob]
        )
    }

    /// Records a file as uploaded to an account, if this is its version. Returns whether the file is thought to be
    /// there, and whether this is its version.
    ///
    /// A file that left is not known any more. It is `gone` from now on, as its path shows an entry.
    static func markUploaded(
        _ file: MediaFile,
        to holder: Int64,
        at time: Timestamp,
        in db: Database
    ) throws -> (isThere: Bool, isCurrent: Bool) {
        let set: Bindings = [time.milliseconds, holder, file.path.blob]
        try db.run(
            """
            UPDATE files SET state = 'uploaded', cause = NULL, reason = '', due = NULL, updated = ?, holder = ?
            WHERE path = ? AND state <> 'gone'
            AND device = ? AND inode = ? AND size = ? AND modified = ? AND changed = ?
            """,
            set + file.version.columns
        )
        if db.changesCount > 0 { return (true, true) }
        guard let known = try record(of: file.path, in: db) else {
            let record = FileRecord(
                path: file.path,
                folder: file.folder,
                account: file.account,
                state: .gone,
                reason: "",
                version: file.version,
                attempts: 0,
                due: nil,
                updatedAt: time
            )
            try put(record, media: file, entered: try db.next("entered"), in: db)
            return (false, true)
        }
        return (known.state != .gone, known.version == file.version)
    }
}
