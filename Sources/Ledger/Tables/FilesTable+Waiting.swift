import GRDB
import Pipeline
import SystemPackage
import Watch

// Questions about all files that wait, a page at a time.

extension FilesTable {
    static func waiting(after place: Int64, limit: Int, in db: Database) throws -> [WaitingFile] {
        try db.rows(
            """
            SELECT entered, path, device, inode, size, modified, changed, folder, account, root, mime, state,
                \(MeasureColumns.list)
            FROM files INDEXED BY files_waiting
            WHERE state IN ('settling', 'queued', 'uploading') AND entered > ? ORDER BY entered LIMIT ?
            """,
            [place, limit]
        ).map(waitingFile)
    }

    /// The files beneath a directory that settle, wait or go up. Reads all that wait: mostly far fewer than there are.
    static func waiting(beneath directory: FilePath, in db: Database) throws -> [FilePath] {
        let range = directory.beneath
        return try db.rows(
            """
            SELECT path FROM files INDEXED BY files_waiting
            WHERE state IN ('settling', 'queued', 'uploading') AND +path > ? AND +path < ?
            """,
            [range.after, range.before]
        ).map { FilePath(blob: $0[0]) }
    }

    /// A file that waits because all files of its account do. Nil if there is none, or the account uploads one.
    static func heldBack(by account: String, in db: Database) throws -> FileRecord? {
        let isUploading = try db.row(
            "SELECT 1 FROM files INDEXED BY files_state WHERE account = ? AND state = 'uploading' LIMIT 1",
            [account]
        )
        if isUploading != nil { return nil }
        for cause in WaitCause.allCases where cause.isOfAccount {
            let row = try db.row(
                """
                SELECT \(recordColumns) FROM files INDEXED BY files_causes
                WHERE state IN ('settling', 'queued', 'uploading') AND account = ? AND cause = ?
                ORDER BY entered LIMIT 1
                """,
                [account, cause.rawValue]
            )
            if let row { return try record(row) }
        }
        return nil
    }

    /// A settling file may have been queued before, in another version. What was read of that version counts no more.
    private static func waitingFile(_ row: StoredRow) -> WaitingFile {
        var content: WaitingFile.Content?
        if let mime: String = row[10], row[11] != FileState.settling.rawValue {
            content = WaitingFile.Content(
                root: FilePath(blob: row[9]),
                mime: MIMEType(rawValue: mime),
                measure: MeasureColumns.measure(row, at: 12)
            )
        }
        return WaitingFile(
            place: row[0],
            path: FilePath(blob: row[1]),
            version: FileVersion(row, at: 2),
            folder: row[7],
            account: content == nil ? nil : row[8],
            content: content
        )
    }

    /// Takes one step of the index for each account, however many files the account has.
    static func queuedAccounts(in db: Database) throws -> Set<String> {
        var accounts: Set<String> = []
        var last = ""
        while let next: String = try db.row(
            "SELECT min(account) FROM files INDEXED BY files_due WHERE state = 'queued' AND account > ?",
            [last]
        )?[0] {
            accounts.insert(next)
            last = next
        }
        return accounts
    }

    /// Whether a queued file of the account waits for a later try.
    static func hasLaterTry(account: String, in db: Database) throws -> Bool {
        try db.row(
            "SELECT 1 FROM files INDEXED BY files_due WHERE account = ? AND state = 'queued' AND due > 0 LIMIT 1",
            [account]
        ) != nil
    }

    /// Makes all queued files of the account due at once.
    static func letAllCome(account: String, in db: Database) throws {
        try db.run(
            "UPDATE files INDEXED BY files_due SET due = 0 WHERE account = ? AND state = 'queued' AND due > 0",
            [account]
        )
    }

    /// The place of the account's last due file in the queue, if it is after `place`.
    static func lastQueued(account: String, after place: Int64, in db: Database) throws -> Int64? {
        try [true, false].compactMap { isLarge -> Int64? in
            try db.row(
                """
                SELECT max(entered) FROM files INDEXED BY files_slots
                WHERE account = ? AND (size >= \(Portion.largeSize)) = ? AND state = 'queued' AND due = 0 AND entered > ?
                """,
                [account, isLarge, place]
            )?[0]
        }.max()
    }

    /// Gives this reason to the account's due files between these places. The first place is left out.
    static func explain(
        account: String,
        places: ClosedRange<Int64>,
        cause: WaitCause,
        reason: String,
        in db: Database
    ) throws {
        for isLarge in [true, false] {
            try db.run(
                """
                UPDATE files INDEXED BY files_slots SET cause = ?, reason = ?
                WHERE account = ? AND (size >= \(Portion.largeSize)) = ? AND state = 'queued' AND due = 0
                AND entered > ? AND entered <= ?
                """,
                [cause.rawValue, reason, account, isLarge, places.lowerBound, places.upperBound]
            )
        }
    }
}
