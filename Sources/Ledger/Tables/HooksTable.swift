import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage

/// Which hooks there are, and the events that they have not had yet. One row for each event and hook.
enum HooksTable {
    /// - `hooks`: as the service's configuration has them. `folder` is null for the files of all folders.
    /// - `key`: random, so that no two ledgers give one key.
    /// - `subject`: a file's path, or an account's name.
    /// - `facts`: what is told of the event, as JSON.
    /// - `failed`: when the first try failed.
    /// - `due`: when the next try may start. Null while an earlier event of the subject is there.
    /// - `hook_directories`: directories to which something was added since they were last told as ready
    ///   (`HooksTable+Directories.swift`). `noted`: when the first of that was added, by the wall clock.
    static let schema = """
        CREATE TABLE hooks (
            event TEXT NOT NULL,
            name TEXT NOT NULL,
            folder TEXT,
            PRIMARY KEY (event, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE hook_events (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            key TEXT NOT NULL DEFAULT (lower(hex(randomblob(16)))),
            hook TEXT NOT NULL,
            event TEXT NOT NULL,
            subject BLOB NOT NULL,
            facts TEXT NOT NULL,
            recorded INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            failed INTEGER,
            reason TEXT NOT NULL DEFAULT '',
            due INTEGER
        ) STRICT;
        CREATE TABLE hook_directories (
            path BLOB NOT NULL PRIMARY KEY,
            folder TEXT,
            looks INTEGER NOT NULL DEFAULT 0,
            noted INTEGER NOT NULL,
            due INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX hook_directories_due ON hook_directories (due);
        CREATE INDEX hook_directories_new ON hook_directories (due) WHERE looks = 0;
        CREATE INDEX hook_events_due ON hook_events (hook, due, id) WHERE due IS NOT NULL;
        CREATE INDEX hook_events_subject ON hook_events (hook, subject, id);
        """

    static func adopt(_ wishes: [HookWish], in db: Database) throws {
        let kept = Set(wishes.map(\.name))
        let before = try db.rows("SELECT name FROM hooks ORDER BY event, name").map { $0[0] as String }
        for name in Set(before).subtracting(kept) { try db.run("DELETE FROM hook_events WHERE hook = ?", [name]) }
        try db.run("DELETE FROM hooks")
        for wish in wishes {
            try db.run(
                "INSERT INTO hooks (event, name, folder) VALUES (?, ?, ?)",
                [wish.trigger.rawValue, wish.name, wish.folder]
            )
            // The time in which nobody tried does not count as time of failing.
            try db.run("UPDATE hook_events SET due = 0, failed = NULL WHERE hook = ? AND due > 0", [wish.name])
        }
        // Due times of an earlier process may be of another clock. Something may be added as before.
        let due = Timestamp.steady().advanced(by: Schedules.directory.first)
        try db.run("UPDATE hook_directories SET due = ?1", [due.milliseconds])
        if !wishes.contains(where: { $0.trigger == .folderReady }) { try db.run("DELETE FROM hook_directories") }
    }

    // MARK: Recording

    /// Whether there is any hook. Most ledgers have none, and each change asks.
    static func isAnyWanted(in db: Database) throws -> Bool {
        try db.row("SELECT 1 FROM hooks LIMIT 1") != nil
    }

    /// Records a change of a file for each hook that wants it.
    static func note(_ triggers: [HookTrigger], of row: ManifestRow, in db: Database) throws {
        for trigger in triggers {
            let hooks = try names(wanting: trigger, folder: row.folder, in: db)
            guard !hooks.isEmpty else { continue }
            let facts = HookFacts.of(row)
            for hook in hooks { try add(trigger, for: hook, subject: row.path.blob, facts, at: .now(), in: db) }
        }
    }

    /// Records a blocked account for each hook that wants it.
    static func note(_ block: AccountBlock, at time: Timestamp, in db: Database) throws {
        for hook in try names(wanting: .blocked, folder: nil, in: db) {
            let subject = [UInt8](block.account.utf8)
            try add(.blocked, for: hook, subject: subject, HookFacts.of(block), at: time, in: db)
        }
    }

    static func names(wanting trigger: HookTrigger, folder: String?, in db: Database) throws -> [String] {
        try db.rows(
            "SELECT name FROM hooks WHERE event = ? AND (folder IS NULL OR folder = ?)",
            [trigger.rawValue, folder]
        ).map { $0[0] }
    }

    static func add(
        _ trigger: HookTrigger,
        for hook: String,
        subject: [UInt8],
        _ facts: String,
        at time: Timestamp,
        in db: Database
    ) throws {
        try db.run(
            """
            INSERT INTO hook_events (hook, event, subject, facts, recorded, due) VALUES (?1, ?2, ?3, ?4, ?5, iif(
                EXISTS (SELECT 1 FROM hook_events INDEXED BY hook_events_subject WHERE hook = ?1 AND subject = ?3),
                NULL, 0
            ))
            """,
            [hook, trigger.rawValue, subject, facts, time.milliseconds]
        )
    }

    // MARK: Reading

    static func events(of hook: String, dueBy time: Timestamp, limit: Int, in db: Database) throws -> [HookEvent] {
        try db.rows(
            """
            SELECT id, key, hook, event, subject, facts, recorded, attempts, failed
            FROM hook_events INDEXED BY hook_events_due WHERE hook = ? AND due <= ? ORDER BY due, id LIMIT ?
            """,
            [hook, time.milliseconds, limit]
        ).map { row in
            let trigger = try HookTrigger(column: row[3])
            return HookEvent(
                id: row[0],
                key: row[1],
                hook: row[2],
                trigger: trigger,
                path: trigger.isOfPath ? FilePath(blob: row[4]) : nil,
                facts: row[5],
                recordedAt: Timestamp(milliseconds: row[6]),
                attempts: row[7],
                failedSince: Timestamp(column: row[8])
            )
        }
    }

    static func next(of hook: String, after time: Timestamp, in db: Database) throws -> Timestamp? {
        let row = try db.row(
            "SELECT min(due) FROM hook_events INDEXED BY hook_events_due WHERE hook = ? AND due > ?",
            [hook, time.milliseconds]
        )
        return Timestamp(column: row?[0])
    }

    static func hasNew(of hook: String, at time: Timestamp, in db: Database) throws -> Bool {
        try db.row(
            """
            SELECT 1 FROM hook_events INDEXED BY hook_events_due
            WHERE hook = ? AND due <= ? AND attempts = 0 LIMIT 1
            """,
            [hook, time.milliseconds]
        ) != nil
    }

    static func count(of hook: String, in db: Database) throws -> Int {
        try db.row("SELECT count(*) FROM hook_events WHERE hook = ?", [hook])?[0] ?? 0
    }

    // MARK: Ending

    static func end(_ event: HookEvent, failure: String?, at time: Timestamp, in db: Database) throws {
        guard let row = try db.row("SELECT subject FROM hook_events WHERE id = ?", [event.id]) else { return }
        try db.run("DELETE FROM hook_events WHERE id = ?", [event.id])
        try db.run(
            """
            UPDATE hook_events SET due = 0
            WHERE id = (SELECT min(id) FROM hook_events INDEXED BY hook_events_subject WHERE hook = ? AND subject = ?)
            """,
            [event.hook, row[0] as [UInt8]]
        )
        let reason = failure.map { "given up: \($0)" }
        try addStep(.init(reason: reason, hook: event.hook), of: event, at: time, in: db)
    }

    static func postpone(_ event: HookEvent, reason: String, due: Timestamp, now: Timestamp, in db: Database) throws {
        try db.run(
            """
            UPDATE hook_events SET due = ?, reason = ?, attempts = attempts + 1, failed = coalesce(failed, ?)
            WHERE id = ?
            """,
            [due.milliseconds, reason, now.milliseconds, event.id]
        )
        if db.changesCount > 0 {
            try addStep(.init(reason: reason, hook: event.hook), of: event, at: .now(), in: db)
        }
    }

    /// Adds a step of a present file. A step after the file's end would stay for good.
    private static func addStep(
        _ facts: FileStep.Facts,
        of event: HookEvent,
        at time: Timestamp,
        in db: Database
    ) throws {
        guard let path = event.path, let state = try FilesTable.record(of: path, in: db)?.state, state != .gone else {
            return
        }
        try StepsTable.add(.hook, facts, of: path, at: time, in: db)
    }
}

extension ManifestRow {
    /// The folder that the path belongs to.
    var folder: String? {
        switch content {
        case .entry(let entry): entry.folder
        case .rejected(let rejection): rejection.folder
        }
    }
}
