import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage

// Directories whose files are all ready, for hooks that wait for that.

extension HooksTable {
    /// Notes that something was added to a path's directory, if a hook wants to know when it is ready.
    static func noteAddition(at row: ManifestRow, in db: Database) throws {
        guard try !names(wanting: .folderReady, folder: row.folder, in: db).isEmpty else { return }
        let due = Timestamp.steady().advanced(by: Schedules.directory.first)
        try db.run(
            """
            INSERT INTO hook_directories (path, folder, noted, due) VALUES (?, ?, ?, ?)
            ON CONFLICT (path) DO UPDATE SET folder = excluded.folder, due = excluded.due, looks = 0
            """,
            [row.path.removingLastComponent().blob, row.folder, Timestamp.now().milliseconds, due.milliseconds]
        )
    }

    static func nextDirectory(in db: Database) throws -> Timestamp? {
        Timestamp(column: try db.row("SELECT min(due) FROM hook_directories INDEXED BY hook_directories_due")?[0])
    }

    static func hasNewDirectories(in db: Database) throws -> Bool {
        try db.row(
            "SELECT 1 FROM hook_directories INDEXED BY hook_directories_new WHERE looks = 0 AND due < ? LIMIT 1",
            [Int64.max]
        ) != nil
    }

    /// Looks at the directories that are due: at most 64. Returns whether one of them is ready.
    static func noteReadyDirectories(at now: Timestamp, in db: Database) throws -> Bool {
        let due = try db.rows(
            """
            SELECT path, folder, looks, noted FROM hook_directories INDEXED BY hook_directories_due
            WHERE due <= ? ORDER BY due LIMIT ?
            """,
            [now.milliseconds, 64]
        )
        var isNews = false
        for row in due {
            let path = FilePath(blob: row[0])
            let (ready, isSettled) = try state(of: path, folder: row[1], since: row[3], in: db)
            guard isSettled else {
                let pause = Schedules.directory.bound(afterFailures: (row[2] as Int) + 1)
                try db.run(
                    "UPDATE hook_directories SET due = ?, looks = looks + 1 WHERE path = ?",
                    [now.advanced(by: pause).milliseconds, path.blob]
                )
                continue
            }
            try db.run("DELETE FROM hook_directories WHERE path = ?", [path.blob])
            guard ready.files > 0 else { continue }
            let facts = HookFacts.of(ready)
            for hook in try names(wanting: .folderReady, folder: ready.folder, in: db) {
                try add(.folderReady, for: hook, subject: path.blob, facts, at: .now(), in: db)
                isNews = true
            }
        }
        return isNews
    }

    /// What a directory has, and whether none of its files waits or is being processed.
    ///
    /// Files that have left since then count too, as files may leave after their upload. Those in its directories do
    /// not.
    private static func state(
        of directory: FilePath,
        folder: String?,
        since noted: Int64,
        in db: Database
    ) throws -> (ReadyDirectory, isSettled: Bool) {
        let range = directory.beneath
        let within: StatementArguments = [range.after, range.before, range.after.count + 1]
        // The range of the path decides: there may be many files in each state.
        let waits = try db.row(
            """
            SELECT 1 FROM files WHERE path > ? AND path < ? AND instr(substr(path, ?), x'2F') = 0
                AND +state IN ('settling', 'queued', 'uploading') LIMIT 1
            """,
            within
        )
        let sums = try db.row(
            """
            SELECT total(m.code IS NULL AND a.status IN ('ready', 'unknown')),
                total(m.code IS NOT NULL OR a.status = 'failed'), total(a.status = 'processing'), max(m.revision)
            FROM manifest m LEFT JOIN assets a ON a.id = m.asset
            WHERE m.path > ? AND m.path < ? AND instr(substr(m.path, ?), x'2F') = 0 AND m.shown
                AND (m.present OR m.left_at >= ?)
            """,
            within + [noted]
        )
        let ready = ReadyDirectory(
            path: directory,
            folder: folder,
            files: Int((sums?[0] as Double?) ?? 0),
            failed: Int((sums?[1] as Double?) ?? 0),
            revision: (sums?[3] as Int64?) ?? 0
        )
        return (ready, waits == nil && ((sums?[2] as Double?) ?? 0) == 0)
    }
}
