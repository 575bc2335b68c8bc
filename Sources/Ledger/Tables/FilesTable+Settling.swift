import GRDB
import Pipeline
import SystemPackage
import Watch

// Files that settle, by the times of their next looks.

extension FilesTable {
    /// Version 27: finds the settling files whose time has come. A settle window has no room for all of them.
    static let withSettlingTimes =
        "CREATE INDEX files_settling ON files (folder, due) WHERE state = 'settling' AND due IS NOT NULL;"

    /// Takes the files whose time has come, earliest first. They have no time from then on.
    static func takeDue(in folder: String, by time: Timestamp, limit: Int, in db: Database) throws -> [FoundFile] {
        try db.rows(
            """
            UPDATE files SET due = NULL WHERE id IN (
                SELECT id FROM files INDEXED BY files_settling
                WHERE folder = ? AND state = 'settling' AND due IS NOT NULL AND due <= ? ORDER BY due LIMIT ?
            ) RETURNING path, device, inode, size, modified, changed
            """,
            [folder, time.milliseconds, limit]
        ).map { FoundFile(folder: folder, path: FilePath(blob: $0[0]), version: FileVersion($0, at: 1)) }
    }

    /// The earliest time of the folder's settling files.
    static func nextDue(in folder: String, in db: Database) throws -> Timestamp? {
        let due: Int64? = try db.row(
            """
            SELECT min(due) FROM files INDEXED BY files_settling
            WHERE folder = ? AND state = 'settling' AND due IS NOT NULL
            """,
            [folder]
        )?[0]
        return due.map(Timestamp.init(milliseconds:))
    }
}
