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

    /// What a look found of a directory that is due.
    struct DirectoryLook: Sendable {
        let ready: ReadyDirectory
        /// Whether none of its files waits or is being processed.
        let isSettled: Bool
        fileprivate let looks: Int
        fileprivate let due: Int64
    }

    /// Looks at the directories that are due: at most 64. Records nothing, so that no write waits for it: a directory
    /// may have many files.
    static func lookAtDirectories(dueBy now: Timestamp, in db: Database) throws -> [DirectoryLook] {
        try db.rows(
            """
            SELECT path, folder, looks, noted, due FROM hook_directories INDEXED BY hook_directories_due
            WHERE due <= ? ORDER BY due LIMIT ?
            """,
            [now.milliseconds, 64]
        ).map { row in
            let state = try state(of: FilePath(blob: row[0]), folder: row[1], since: row[3], in: db)
            return DirectoryLook(ready: state.ready, isSettled: state.isSettled, looks: row[2], due: row[4])
        }
    }

    /// Records what came of looks. A directory to which something was added since its look stays as it is. Returns
    /// whether one of them is ready.
    static func record(_ looks: [DirectoryLook], at now: Timestamp, in db: Database) throws -> Bool {
        var isNews = false
        for look in looks {
            let path = look.ready.path.blob
            guard look.isSettled else {
                let pause = Schedules.directory.bound(afterFailures: look.looks + 1)
                try db.run(
                    "UPDATE hook_directories SET due = ?, looks = looks + 1 WHERE path = ? AND due = ?",
                    [now.advanced(by: pause).milliseconds, path, look.due]
                )
                continue
            }
            try db.run("DELETE FROM hook_directories WHERE path = ? AND due = ?", [path, look.due])
            guard db.changesCount > 0, look.ready.files > 0 else { continue }
            let facts = HookFacts.of(look.ready)
            for hook in try names(wanting: .folderReady, folder: look.ready.folder, in: db) {
                try add(.folderReady, for: hook, subject: path, facts, at: .now(), in: db)
                isNews = true
            }
        }
        return isNews
    }

    /// What a directory has, and whether none of its files waits or is being processed.
    ///
    /// Files that have left since then count too, as files may leave after their upload. Those in its directories do
    /// not, and are not read.
    private static func state(
        of directory: FilePath,
        folder: String?,
        since noted: Int64,
        in db: Database
    ) throws -> (ready: ReadyDirectory, isSettled: Bool) {
        let stem = directory.beneath.after
        var isSettled = true
        try db.eachRow(
            """
            SELECT instr(substr(path, ?1), x'2F'), path, state IN ('settling', 'queued', 'uploading')
            FROM files WHERE path >= ?2 AND path < ?3 ORDER BY path
            """,
            beginningWith: stem
        ) { row in
            if row[2] { isSettled = false }
            return isSettled
        }
        var (files, failed, revision) = (0, 0, Int64(0))
        if isSettled {
            try db.eachRow(
                """
                SELECT instr(substr(m.path, ?1), x'2F'), m.path, a.status IS 'processing',
                    m.code IS NOT NULL OR a.status = 'failed', m.revision, m.present, m.left_at
                FROM manifest m LEFT JOIN assets a ON a.id = m.asset
                WHERE m.path >= ?2 AND m.path < ?3 AND m.shown ORDER BY m.path
                """,
                beginningWith: stem
            ) { row in
                if !row[5], row[6] as Int64? ?? .min < noted { return true }
                revision = max(revision, row[4])
                isSettled = !row[2]
                if row[3] { failed += 1 } else { files += 1 }
                return isSettled
            }
        }
        let ready = ReadyDirectory(path: directory, folder: folder, files: files, failed: failed, revision: revision)
        return (ready, isSettled)
    }
}
