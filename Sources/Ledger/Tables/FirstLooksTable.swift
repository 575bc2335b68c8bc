import GRDB
import Pipeline
import SystemPackage
import Watch

/// The folders that were watched, by their paths, and what is known of files that they skipped and that left.
enum FirstLooksTable {
    /// Version 23.
    ///
    /// - `first_looks`: when the first look through a folder began and ended, in milliseconds since the epoch. A folder
    ///   whose files an earlier version of Outtray has queued was looked through.
    /// - `skipped_left`: identities of skipped files that left, and where they were. Such a file may come back under
    ///   another name.
    /// - `wanted`: skipped files that somebody wants to go up. They are not skipped again.
    static let schema = """
        CREATE TABLE first_looks (
            folder BLOB NOT NULL PRIMARY KEY,
            begun INTEGER NOT NULL,
            ended INTEGER
        ) STRICT, WITHOUT ROWID;
        INSERT INTO first_looks (folder, begun, ended)
            SELECT DISTINCT root, 0, unixepoch() * 1000 FROM files WHERE folder IS NOT NULL AND root IS NOT NULL;
        CREATE TABLE skipped_left (
            device INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            path BLOB NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY (inode, device, size, modified)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX files_skipped ON files (path) WHERE state = 'skipped';
        CREATE INDEX skipped_left_since ON skipped_left (since);
        CREATE TABLE wanted (path BLOB NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
        """

    /// The folder's first look, which is begun if it has none. Nil if it has ended.
    static func begin(_ folder: FilePath, at time: Timestamp, in db: Database) throws -> FirstLook? {
        try db.run(
            "INSERT INTO first_looks (folder, begun) VALUES (?, ?) ON CONFLICT (folder) DO NOTHING",
            [folder.blob, time.milliseconds]
        )
        return try db.row("SELECT begun FROM first_looks WHERE folder = ? AND ended IS NULL", [folder.blob])
            .map { FirstLook(begun: Timestamp(milliseconds: $0[0])) }
    }

    static func all(in db: Database) throws -> [(folder: FilePath, look: FirstLook)] {
        try db.rows("SELECT folder, begun FROM first_looks").map { row in
            (FilePath(blob: row[0]), FirstLook(begun: Timestamp(milliseconds: row[1])))
        }
    }

    /// Begins a look as it was begun before: what came since is new, and what lay there is skipped again.
    static func reopen(_ folder: FilePath, _ look: FirstLook, in db: Database) throws {
        try db.run("INSERT INTO first_looks (folder, begun) VALUES (?, ?)", [folder.blob, look.begun.milliseconds])
    }

    static func isOver(_ folder: FilePath, in db: Database) throws -> Bool {
        try db.row("SELECT 1 FROM first_looks WHERE folder = ? AND ended IS NOT NULL", [folder.blob]) != nil
    }

    static func end(_ folder: FilePath, at time: Timestamp, in db: Database) throws {
        try db.run(
            "UPDATE first_looks SET ended = ? WHERE folder = ? AND ended IS NULL",
            [time.milliseconds, folder.blob]
        )
    }

    /// Whether a skipped file of the folder has, or had when it left, these bytes.
    static func hasSkipped(_ version: FileVersion, beneath folder: FilePath, in db: Database) throws -> Bool {
        let range = folder.beneath
        return try db.row(
            """
            SELECT 1 FROM files INDEXED BY files_inode
                WHERE inode = ?1 AND device = ?2 AND size = ?3 AND modified = ?4 AND state = 'skipped'
                AND path > ?5 AND path < ?6
            UNION ALL
            SELECT 1 FROM skipped_left WHERE inode = ?1 AND device = ?2 AND size = ?3 AND modified = ?4
                AND path > ?5 AND path < ?6
            LIMIT 1
            """,
            identity(of: version) + [range.after, range.before]
        ) != nil
    }

    /// Records a file as skipped. Returns false and does nothing if the path has another story (``FileQueue``).
    static func skip(_ file: FoundFile, at time: Timestamp, in db: Database) throws -> Bool {
        switch try FilesTable.record(of: file.path, in: db)?.state {
        case .queued, .uploading, .uploaded, .rejected: return false
        case .settling, .skipped, .gone, nil: break
        }
        if try ManifestTable.standing(of: file.path, in: db)?.shown == true { return false }
        if try db.row("SELECT 1 FROM wanted WHERE path = ?", [file.path.blob]) != nil { return false }
        try put(file, at: time, in: db)
        return true
    }

    /// Writes the row of a skipped file.
    static func put(_ file: FoundFile, at time: Timestamp, in db: Database) throws {
        try FilesTable.put(FileRecord(file, .skipped, at: time), entered: try db.next("entered"), in: db)
    }

    /// Notes that somebody wants a skipped file to go up.
    static func want(_ path: FilePath, in db: Database) throws {
        try db.run("INSERT INTO wanted (path) VALUES (?) ON CONFLICT DO NOTHING", [path.blob])
    }

    /// Notes that a skipped file left.
    static func noteLeft(_ file: FileRecord, at time: Timestamp, in db: Database) throws {
        try db.run(
            """
            INSERT INTO skipped_left (inode, device, size, modified, path, since) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET path = excluded.path, since = excluded.since
            """,
            identity(of: file.version) + [file.path.blob, time.milliseconds]
        )
    }

    static func forgetLeft(_ version: FileVersion, in db: Database) throws {
        try db.run(
            "DELETE FROM skipped_left WHERE inode = ? AND device = ? AND size = ? AND modified = ?",
            identity(of: version)
        )
    }

    static func hasSkipped(beneath folder: FilePath, in db: Database) throws -> Bool {
        let range = folder.beneath
        return try db.row(
            "SELECT 1 FROM files INDEXED BY files_skipped WHERE state = 'skipped' AND path > ? AND path < ? LIMIT 1",
            [range.after, range.before]
        ) != nil
    }

    /// Forgets up to `limit` skipped files beneath a folder, so that a look finds them anew. Returns whether there may
    /// be more.
    static func forgetSkipped(beneath folder: FilePath, limit: Int, in db: Database) throws -> Bool {
        let range = folder.beneath
        try db.run(
            """
            DELETE FROM files WHERE id IN (
                SELECT id FROM files INDEXED BY files_skipped
                WHERE state = 'skipped' AND path > ? AND path < ? LIMIT ?
            )
            """,
            [range.after, range.before, limit]
        )
        return db.changesCount == limit
    }

    /// Forgets whom somebody wanted and who has settled since, or left.
    static func forgetWanted(in db: Database) throws {
        try db.run(
            """
            DELETE FROM wanted WHERE NOT EXISTS
                (SELECT 1 FROM files f WHERE f.path = wanted.path AND +f.state = 'settling')
            """
        )
    }

    /// Forgets up to `limit` skipped files that left before then. Returns whether there may be more.
    static func forgetLeft(before time: Timestamp, limit: Int, in db: Database) throws -> Bool {
        try db.run(
            """
            DELETE FROM skipped_left WHERE (inode, device, size, modified) IN (
                SELECT inode, device, size, modified FROM skipped_left INDEXED BY skipped_left_since
                WHERE since < ? ORDER BY since LIMIT ?
            )
            """,
            [time.milliseconds, limit]
        )
        return db.changesCount == limit
    }

    private static func identity(of version: FileVersion) -> Bindings {
        [
            Int64(bitPattern: version.inode), Int64(bitPattern: version.device), version.size, version.modified,
        ]
    }
}
