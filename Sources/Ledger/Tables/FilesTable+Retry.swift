import GRDB
import Pipeline
import SystemPackage

// Files that a person wants to be tried anew.

extension FilesTable {
    /// Queued files that wait for more than their turn, or rejected files.
    static func retryable(
        _ state: FileState,
        after number: Int64,
        limit: Int,
        in db: Database
    ) throws -> [RetryCandidate] {
        try db.rows(
            """
            SELECT id, path, folder, account, cause FROM files INDEXED BY files_state
            WHERE state = ? AND id > ? AND (state <> 'queued' OR due > 0 OR cause IS NOT NULL)
            ORDER BY id LIMIT ?
            """,
            [state.rawValue, number, limit]
        ).map(candidate)
    }

    /// Uploaded files that show an asset which the provider could not process.
    static func withFailedAssets(in db: Database) throws -> [RetryCandidate] {
        try db.rows(
            """
            SELECT f.id, f.path, f.folder, f.account, f.cause
            FROM assets a INDEXED BY assets_failed
            CROSS JOIN manifest m INDEXED BY manifest_asset ON m.asset = a.id AND m.asset IS NOT NULL
            CROSS JOIN files f ON f.path = m.path
            WHERE a.status = 'failed' AND m.shown AND f.state = 'uploaded' ORDER BY a.id, m.path
            """
        ).map(candidate)
    }

    private static func candidate(_ row: StoredRow) throws -> RetryCandidate {
        RetryCandidate(
            number: row[0],
            path: FilePath(blob: row[1]),
            folder: row[2],
            account: row[3],
            cause: try (row[4] as String?).map(WaitCause.init(column:))
        )
    }

    /// Lets a file be tried anew (``ActionBook/retry(_:watched:at:)``).
    static func retry(
        _ path: FilePath,
        watched: Set<String>,
        at time: Timestamp,
        in db: Database
    ) throws -> RetriedFile {
        guard let record = try record(of: path, in: db) else { return RetriedFile(path, .unknown) }
        func retried(_ outcome: RetriedFile.Outcome, isChanged: Bool = false) throws -> RetriedFile {
            if isChanged { try StepsTable.add(.retried, of: path, at: time, in: db) }
            return RetriedFile(
                path,
                outcome,
                folder: record.folder,
                account: record.account,
                isChanged: isChanged
            )
        }
        switch record.state {
        case .queued:
            let waits = record.cause != nil || record.due.map { $0 > .atOnce } ?? false
            if waits {
                try db.run(
                    """
                    UPDATE files SET due = 0, cause = NULL, reason = '', attempts = 0, refused = NULL WHERE path = ?
                    """,
                    [path.blob]
                )
            }
            return try retried(.due, isChanged: waits)
        case .settling, .uploading: return try retried(.underWay)
        case .gone: return try retried(.gone)
        case .uploaded where try !AssetsTable.isFailed(at: path, in: db): return try retried(.uploaded)
        case .uploaded, .rejected, .skipped: break
        }
        if let folder = record.folder, watched.contains(folder) {
            if record.state == .skipped { try FirstLooksTable.want(path, in: db) }
            try settleAnew(path, at: time, in: db)
            return try retried(.settles, isChanged: true)
        }
        guard record.folder == nil, try queueAnew(path, at: time, in: db) else { return try retried(.unwatched) }
        return try retried(.due, isChanged: true)
    }

    /// The folder's watch looks at the file again, as at a new one.
    private static func settleAnew(_ path: FilePath, at time: Timestamp, in db: Database) throws {
        try db.run(
            """
            UPDATE files SET state = 'settling', cause = ?, reason = ?, account = NULL, attempts = 0, due = NULL,
                entered = ?, updated = ? WHERE path = ?
            """,
            [
                WaitCause.settling.rawValue, "somebody asked for another try", try db.next("entered"),
                time.milliseconds, path.blob,
            ]
        )
    }

    /// Nobody watches the place of a file that was pushed by name. What was read of it then still counts. Returns false
    /// if nothing was.
    private static func queueAnew(_ path: FilePath, at time: Timestamp, in db: Database) throws -> Bool {
        try db.run(
            """
            UPDATE files SET state = 'queued', cause = NULL, reason = '', attempts = 0, due = 0, refused = NULL,
                entered = ?, updated = ?
            WHERE path = ? AND account IS NOT NULL AND root IS NOT NULL AND mime IS NOT NULL
            """,
            [try db.next("entered"), time.milliseconds, path.blob]
        )
        guard db.changesCount > 0 else { return false }
        try ManifestTable.withdraw(path, in: db)
        return true
    }
}

extension AssetsTable {
    /// Whether the path shows an asset that the provider could not process.
    static func isFailed(at path: FilePath, in db: Database) throws -> Bool {
        try db.row(
            """
            SELECT 1 FROM manifest m JOIN assets a ON a.id = m.asset
            WHERE m.path = ? AND m.shown AND a.status = 'failed'
            """,
            [path.blob]
        ) != nil
    }
}
