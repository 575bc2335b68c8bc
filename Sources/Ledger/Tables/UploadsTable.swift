import GRDB
import Pipeline
import SystemPackage
import Watch

/// Uploads under way, at most one a path, and the pieces that the storage has.
enum UploadsTable {
    /// `ticket` is null from the moment of asking until the answer was recorded; it holds pre-signed URLs.
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

    /// An upload's row; `isOf` tells whether it is of this very version, for this account.
    struct Row {
        let id: Int64
        let account: String
        let version: FileVersion
        let askedAt: Timestamp
        let ticket: String?

        func isOf(_ file: MediaFile) -> Bool { version == file.version && account == file.account }

        /// From the columns `id, account, device, inode, size, modified, changed, asked, ticket`.
        init(_ row: GRDB.Row) {
            id = row[0]
            account = row[1]
            version = FileVersion(row, at: 2)
            askedAt = Timestamp(milliseconds: row[7])
            ticket = row[8]
        }
    }

    static func find(_ path: FilePath, in db: Database) throws -> Row? {
        try db.row(
            "SELECT id, account, device, inode, size, modified, changed, asked, ticket FROM uploads WHERE path = ?",
            [path.blob]
        ).map(Row.init)
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

    /// Begins anew: what was known of an earlier ticket, and which pieces had arrived, is forgotten.
    static func begin(_ file: MediaFile, ticket: Ticket?, askedAt: Timestamp, in db: Database) throws {
        try forget(file.path, in: db)
        let head: StatementArguments = [file.path.blob, file.account]
        try db.run(
            """
            INSERT INTO uploads (path, account, device, inode, size, modified, changed, asked, ticket)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            head + file.version.columns + [askedAt.milliseconds, try ticket.map(JSONColumn.text)]
        )
    }

    static func add(_ answer: PieceAnswer, to upload: Row, in db: Database) throws {
        try db.run(
            "INSERT OR REPLACE INTO answers (upload, piece, status, headers) VALUES (?, ?, ?, ?)",
            [upload.id, answer.index, answer.status, try JSONColumn.text(answer.headers)]
        )
    }

    static func forget(_ path: FilePath, in db: Database) throws {
        try db.run("DELETE FROM uploads WHERE path = ?", [path.blob])
    }

    /// An upload of the same bytes stays: ``takeOver(_:for:in:)``.
    static func forgetOthers(of path: FilePath, than version: FileVersion, in db: Database) throws {
        guard let upload = try find(path, in: db), !upload.version.hasSameBytes(as: version) else { return }
        try forget(path, in: db)
    }
}
