import GRDB
import Pipeline
import SystemPackage
import Watch

extension FilesTable {
    /// How far ahead a due time may lie, in milliseconds, before it is taken for one that was set by a clock that has
    /// jumped back since: the longest time between two tries is a quarter of this.
    private static let farthestDue: Int64 = 3_600_000

    /// Takes files that are due, in the order in which they were queued, and marks them uploading.
    static func claim(account: String, limit: Int, at time: Timestamp, in db: Database) throws -> [QueuedFile] {
        let now = time.milliseconds
        let files = try db.rows(
            """
            SELECT path, folder, device, inode, size, modified, changed, root, mime, kind, upload_name, attempts
            FROM files INDEXED BY files_queue
            WHERE account = ? AND state = 'queued' AND (due <= ? OR due > ?)
            ORDER BY entered LIMIT ?
            """,
            [account, now, now + farthestDue, limit]
        ).map { try queuedFile($0, account: account) }
        for file in files { try move(file.file.path, to: .uploading, at: time, in: db) }
        return files
    }

    /// Files that wait in a folder that is not among these, or for another account than its folder's.
    static func release(exceptFolders accounts: [String: String], at time: Timestamp, in db: Database) throws {
        let waiting = try db.rows(
            """
            SELECT path, folder, account FROM files
            WHERE state IN ('settling', 'queued', 'uploading') AND folder IS NOT NULL
            """
        )
        for row in waiting {
            let folder: String = row[1]
            let account: String? = row[2]
            // A file that settles has no account yet.
            if let current = accounts[folder], account == nil || account == current { continue }
            let reason = "its folder is not watched any more, or goes through another account"
            try move(FilePath(blob: row[0]), to: .gone, reason: reason, at: time, in: db)
        }
    }

    static func nextDue(account: String, in db: Database) throws -> Timestamp? {
        let row = try db.row(
            "SELECT min(due) FROM files INDEXED BY files_due WHERE account = ? AND state = 'queued'",
            [account]
        )
        return Timestamp(column: row?[0])
    }

    private static func queuedFile(_ row: Row, account: String) throws -> QueuedFile {
        let file = MediaFile(
            folder: row[1],
            root: FilePath(blob: row[7]),
            path: FilePath(blob: row[0]),
            version: FileVersion(row, at: 2),
            account: account,
            mime: MIMEType(rawValue: row[8]),
            kind: try MediaKind(column: row[9]),
            uploadName: row[10]
        )
        return QueuedFile(file, attempts: row[11])
    }
}
