import GRDB
import Pipeline
import SystemPackage

// The columns `tried` and `refused`: refusals that say nothing of their file, until another file contradicts them.

extension FilesTable {
    /// Puts a claimed file back. Does nothing unless this version is uploading. Returns whether it did.
    static func postpone(_ file: MediaFile, _ postponement: Postponement, at time: Timestamp, in db: Database) throws
        -> Bool
    {
        guard try state(of: file, in: db) == .uploading else { return false }
        try db.run(
            """
            UPDATE files SET state = 'queued', cause = ?, reason = ?, due = ?, attempts = attempts + ? WHERE path = ?
            """,
            [
                postponement.cause.rawValue, postponement.reason, postponement.due.milliseconds,
                postponement.attempted ? 1 : 0, file.path.blob,
            ]
        )
        let facts = FileStep.Facts(cause: postponement.cause, reason: postponement.reason)
        try StepsTable.add(.postponed, facts, of: file.path, at: time, in: db)
        return true
    }

    /// Records that an account refused the file's last try. The account's first refusal of the version counts.
    static func noteRefusal(of file: MediaFile, by holder: Int64, in db: Database) throws {
        try db.run(
            """
            UPDATE files SET refused = iif(holder IS ? AND refused IS NOT NULL, refused, max(tried, 1)), holder = ?
            WHERE path = ?
            """,
            [holder, holder, file.path.blob]
        )
    }

    /// Whether another file of the account has gone up since the account first refused this version.
    static func isRefusalContradicted(of file: MediaFile, by holder: Int64, in db: Database) throws -> Bool {
        guard try state(of: file, in: db) != nil else { return false }
        return try db.row(
            "SELECT 1 FROM files WHERE path = ? AND holder = ? AND refused = 0",
            [file.path.blob, holder]
        ) != nil
    }

    /// Records that a file went up to the account. The upload contradicts refusals of tries that began no later.
    ///
    /// Reads as many rows as it changes. Call it before the file's row says that it is up.
    static func contradictRefusals(by file: MediaFile, at holder: Int64, in db: Database) throws {
        try db.run(
            """
            UPDATE files INDEXED BY files_refused SET refused = 0
            WHERE holder = ? AND refused > 0 AND refused <= (SELECT tried FROM files own WHERE own.path = ?)
            AND path <> ?
            """,
            [holder, file.path.blob, file.path.blob]
        )
    }
}
