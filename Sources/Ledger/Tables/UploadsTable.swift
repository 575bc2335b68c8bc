import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

/// Uploads under way, at most one a path, and the pieces that the storage has.
///
/// An upload whose bytes may all be at the storage is kept, even if its file has other bytes by now. Any file with the
/// same bytes goes on with it. Such an upload has no path and is kept for a day. So is the upload of a file that is
/// gone.
enum UploadsTable {
    /// `ticket` is null from asking until the answer was recorded. It holds pre-signed URLs.
    static let schema = """
        CREATE TABLE uploads (
            id INTEGER PRIMARY KEY,
            path BLOB NOT NULL UNIQUE,
            account TEXT NOT NULL,
            device INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            asked INTEGER NOT NULL,
            ticket TEXT
        ) STRICT;
        CREATE TABLE answers (
            upload INTEGER NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
            piece INTEGER NOT NULL,
            status INTEGER NOT NULL,
            headers TEXT NOT NULL,
            PRIMARY KEY (upload, piece)
        ) STRICT, WITHOUT ROWID;
        """

    /// Version 4: `sha256` is the digest of the bytes that go with the ticket. It is set before the last byte goes.
    /// `path` is null if the file there has other bytes by now.
    ///
    /// SQLite drops a constraint only with its table. The answers stay as they are, as foreign keys are off during a
    /// migration.
    static let withBytes = """
        CREATE TABLE uploads_2 (
            id INTEGER PRIMARY KEY,
            path BLOB UNIQUE,
            account TEXT NOT NULL,
            device INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            asked INTEGER NOT NULL,
            ticket TEXT,
            sha256 BLOB,
            CHECK (path IS NOT NULL OR sha256 IS NOT NULL)
        ) STRICT;
        INSERT INTO uploads_2
            SELECT id, path, account, device, inode, size, modified, changed, asked, ticket, NULL FROM uploads;
        DROP TABLE uploads;
        ALTER TABLE uploads_2 RENAME TO uploads;
        CREATE INDEX uploads_bytes ON uploads (account, size, sha256) WHERE sha256 IS NOT NULL;
        """

    /// An upload's row. `isOf` tells whether it is of this very version, for this account.
    struct Row {
        let id: Int64
        let holder: Int64
        let version: FileVersion
        let askedAt: Timestamp
        let ticket: String?
        let sha256: SHA256Digest?

        func isOf(_ file: MediaFile, _ holder: Int64) -> Bool { version == file.version && self.holder == holder }

        /// Reads the ``columns``.
        init(_ row: StoredRow) {
            id = row[0]
            holder = row[1]
            version = FileVersion(row, at: 2)
            askedAt = Timestamp(milliseconds: row[7])
            ticket = row[8]
            sha256 = (row[9] as [UInt8]?).map { SHA256Digest(bytes: $0) }
        }

        static let columns =
            "u.id, u.holder, u.device, u.inode, u.size, u.modified, u.changed, u.asked, u.ticket, u.sha256"
    }

    static func find(_ path: FilePath, in db: Database) throws -> Row? {
        try db.row("SELECT \(Row.columns) FROM uploads u WHERE u.path = ?", [path.blob]).map(Row.init)
    }

    static func underWay(_ upload: Row, in db: Database) throws -> UploadUnderWay {
        let answers = try db.rows(
            "SELECT piece, status, headers FROM answers WHERE upload = ? ORDER BY piece",
            [upload.id]
        )
        return UploadUnderWay(
            ticket: try upload.ticket.map { try JSONColumn.value(Ticket.self, $0) },
            askedAt: upload.askedAt,
            answers: try answers.map { row in
                PieceAnswer(
                    index: row[0],
                    status: row[1],
                    headers: try JSONColumn.value([HeaderField].self, row[2])
                )
            }
        )
    }

    /// Begins an upload anew at the file's path. Forgets this version's earlier ticket, with the pieces that had
    /// arrived. Another version's upload is left behind.
    ///
    /// `there` is the upload at the path. `sha256` is the digest of the bytes that are to go with the ticket, if it is
    /// known.
    static func begin(
        _ file: MediaFile,
        _ holder: Int64,
        over there: Row?,
        ticket: Ticket? = nil,
        askedAt: Timestamp,
        sha256: SHA256Digest? = nil,
        in db: Database
    ) throws {
        guard let own = there, own.isOf(file, holder) else {
            if there != nil { try leave(file.path, in: db) }
            return try insert(file, holder, at: file.path, ticket: ticket, askedAt: askedAt, sha256: sha256, in: db)
        }
        // An intent alone has no answers.
        if own.ticket != nil { try db.run("DELETE FROM answers WHERE upload = ?", [own.id]) }
        try db.run(
            "UPDATE uploads SET account = ?, asked = ?, ticket = ?, sha256 = ? WHERE id = ?",
            [
                file.account, askedAt.milliseconds, ticket?.column, sha256?.bytes,
                own.id,
            ]
        )
    }

    /// Records the intent to ask for a file without an upload.
    static func insertIntent(_ file: MediaFile, _ holder: Int64, askedAt: Timestamp, in db: Database) throws {
        try insert(file, holder, at: file.path, ticket: nil, askedAt: askedAt, sha256: nil, in: db)
    }

    /// Forgets an intent to ask that came to nothing, at the end of a file that does not go up.
    static func forgetIntent(_ path: FilePath, in db: Database) throws {
        try db.run("DELETE FROM uploads WHERE path = ? AND ticket IS NULL", [path.blob])
    }

    /// Whether the account may have a file's bytes. Any of these counts:
    ///
    /// - an asset of that size;
    /// - an upload of that size whose bytes may all be at the storage;
    /// - an upload that may be of the file (``match(for:_:sha256:in:)``), or any account's upload at its path.
    static func mayHaveBytes(of file: MediaFile, _ holder: Int64, in db: Database) throws -> Bool {
        try db.row(
            """
            SELECT EXISTS (SELECT 1 FROM uploads WHERE path = ?3)
                OR EXISTS (SELECT 1 FROM assets INDEXED BY assets_content
                    WHERE holder = ?1 AND size = ?2 AND status <> 'failed')
                OR EXISTS (SELECT 1 FROM uploads WHERE holder = ?1 AND size = ?2 AND sha256 IS NOT NULL)
                OR EXISTS (SELECT 1 FROM uploads INDEXED BY uploads_inode WHERE inode = ?4 AND holder = ?1)
            """,
            [holder, file.size, file.path.blob, Int64(bitPattern: file.version.inode)]
        )?[0] ?? true
    }

    /// Forgets the file's own upload, which is through. Returns whether none of its answers was recorded.
    static func end(_ file: MediaFile, _ holder: Int64, in db: Database) throws -> Bool {
        let own: Bindings = [file.path.blob, holder]
        let row = try db.row(
            """
            SELECT id, ticket IS NOT NULL AND NOT EXISTS (SELECT 1 FROM answers WHERE upload = uploads.id)
            FROM uploads WHERE path = ? AND holder = ?
            AND device = ? AND inode = ? AND size = ? AND modified = ? AND changed = ?
            """,
            own + file.version.columns
        )
        guard let row else { return false }
        try db.run("DELETE FROM uploads WHERE id = ?", [row[0] as Int64])
        return row[1]
    }

    /// Adds an upload whose file is no longer at its path.
    static func addLeft(
        _ file: MediaFile,
        _ holder: Int64,
        ticket: Ticket,
        askedAt: Timestamp,
        sha256: SHA256Digest,
        in db: Database
    ) throws {
        try insert(file, holder, at: nil, ticket: ticket, askedAt: askedAt, sha256: sha256, in: db)
    }

    private static func insert(
        _ file: MediaFile,
        _ holder: Int64,
        at path: FilePath?,
        ticket: Ticket?,
        askedAt: Timestamp,
        sha256: SHA256Digest?,
        in db: Database
    ) throws {
        let head: Bindings = [path?.blob, file.account]
        let tail: Bindings = [
            askedAt.milliseconds, ticket?.column, sha256?.bytes, holder,
        ]
        try db.run(
            """
            INSERT INTO uploads (path, account, device, inode, size, modified, changed, asked, ticket, sha256, holder)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            head + file.version.columns + tail
        )
    }

    static func add(_ answer: PieceAnswer, to upload: Row, in db: Database) throws {
        try db.run(
            "INSERT OR REPLACE INTO answers (upload, piece, status, headers) VALUES (?, ?, ?, ?)",
            [upload.id, answer.index, answer.status, answer.headers.column]
        )
    }

    static func forget(_ path: FilePath, in db: Database) throws {
        try db.run("DELETE FROM uploads WHERE path = ?", [path.blob])
    }

    /// How long an upload without a file is kept: a day, in milliseconds.
    private static let longestLeft: Int64 = 86_400_000

    /// Forgets uploads without a path, and those whose file is gone, if they are older than a day: at most `limit`.
    /// Returns whether there may be more.
    static func forgetLeft(asOf time: Timestamp, limit: Int, in db: Database) throws -> Bool {
        try db.run(
            """
            DELETE FROM uploads WHERE id IN (
                SELECT id FROM uploads INDEXED BY uploads_asked WHERE asked < ?
                    AND NOT EXISTS (SELECT 1 FROM files f WHERE f.path = uploads.path AND f.state <> 'gone')
                LIMIT ?)
            """,
            [time.milliseconds - longestLeft, limit]
        )
        return db.changesCount == limit
    }

    /// Makes room at a path. Keeps an upload whose bytes may all be at the storage, for any file that has them. Forgets
    /// any other.
    static func leave(_ path: FilePath, in db: Database) throws {
        try db.run("UPDATE uploads SET path = NULL WHERE path = ? AND sha256 IS NOT NULL", [path.blob])
        try forget(path, in: db)
    }

    /// Makes room at a path for this version. An upload of what may be the same bytes stays:
    /// ``takeOver(_:for:sha256:in:)``.
    static func leaveOthers(at path: FilePath, than version: FileVersion, in db: Database) throws {
        guard let upload = try find(path, in: db), !upload.version.mayHaveSameBytes(as: version) else { return }
        try leave(path, in: db)
    }

    /// Forgets uploads without a path whose bytes have an asset now. They are of no use any more.
    static func forgetLeft(of holder: Int64, size: Int64, sha256: SHA256Digest, in db: Database) throws {
        try db.run(
            "DELETE FROM uploads WHERE holder = ? AND size = ? AND sha256 = ? AND path IS NULL",
            [holder, size, sha256.bytes]
        )
    }
}
