import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage

/// What people paused. A handful of rows.
enum PausesTable {
    /// - `scope`: `all`, `account` or `folder`.
    /// - `name`: the key of the configuration at the time of the pause.
    /// - `target`, `fingerprint`: of an account (``AccountIdentity``). `path`: of a folder.
    static let schema = """
        CREATE TABLE pauses (
            id INTEGER PRIMARY KEY,
            scope TEXT NOT NULL,
            name TEXT,
            target TEXT,
            fingerprint TEXT,
            path BLOB,
            since INTEGER NOT NULL,
            CHECK ((scope = 'account') = (target IS NOT NULL AND fingerprint IS NOT NULL)),
            CHECK ((scope = 'folder') = (path IS NOT NULL))
        ) STRICT;
        """

    /// All pauses, oldest first.
    static func all(in db: Database) throws -> [Pause] { try rows(in: db).map(\.pause) }

    private static func rows(in db: Database) throws -> [(id: Int64, pause: Pause)] {
        try db.rows("SELECT id, scope, name, target, fingerprint, path, since FROM pauses ORDER BY id").map { row in
            let subject: Pause.Subject =
                switch row[1] as String {
                case "account": .account(name: row[2] ?? "", target: row[3], fingerprint: row[4])
                case "folder": .folder(name: row[2] ?? "", path: FilePath(blob: row[5]))
                default: .all
                }
            return (row[0], Pause(subject, since: Timestamp(milliseconds: row[6])))
        }
    }

    /// Adds a pause, unless the same is paused already.
    static func add(_ subject: Pause.Subject, at time: Timestamp, in db: Database) throws {
        guard try !all(in: db).contains(where: { $0.subject.isSame(as: subject) }) else { return }
        try put(Pause(subject, since: time), in: db)
    }

    /// Adds a row.
    static func put(_ pause: Pause, in db: Database) throws {
        let subject = pause.subject
        var target: String?
        var fingerprint: String?
        var path: FilePath?
        switch subject {
        case .all: break
        case .account(_, let ownTarget, let ownFingerprint): (target, fingerprint) = (ownTarget, ownFingerprint)
        case .folder(_, let ownPath): path = ownPath
        }
        try db.run(
            "INSERT INTO pauses (scope, name, target, fingerprint, path, since) VALUES (?, ?, ?, ?, ?, ?)",
            [subject.scope, subject.name, target, fingerprint, path?.blob, pause.since.milliseconds]
        )
    }

    /// Lets the pauses of accounts hold under the names and keys of now, too. So a new key and, later, a new name end
    /// none. Each such name and key has a row of its own, the newest last.
    static func carry(to accounts: [ConfiguredAccount], in db: Database) throws {
        for (_, pause) in try rows(in: db) {
            for account in accounts where account.isHeld(by: pause.subject) {
                let carried = Pause(Pause.Subject(account), since: pause.since)
                for (id, row) in try rows(in: db) where row == carried {
                    try db.run("DELETE FROM pauses WHERE id = ?", [id])
                }
                try put(carried, in: db)
            }
        }
    }

    /// Removes the pauses of this subject, under each name and key.
    static func remove(_ subject: Pause.Subject, in db: Database) throws {
        let rows = try rows(in: db)
        let removed = rows.filter { $0.pause.subject.isSame(as: subject) }
        for (id, pause) in rows where removed.contains(where: { $0.pause.isOne(with: pause) }) {
            try db.run("DELETE FROM pauses WHERE id = ?", [id])
        }
    }

    /// The pause that keeps a queued file from going up; nil if none does.
    static func pause(of record: FileRecord, in db: Database) throws -> Pause? {
        guard record.state == .queued else { return nil }
        let pauses = try all(in: db)
        guard !pauses.isEmpty else { return nil }
        let account = try record.account.flatMap { name in
            try db.row(
                """
                SELECT a.target, n.fingerprint FROM account_names n
                JOIN account_keys k ON k.fingerprint = n.fingerprint JOIN accounts a ON a.id = k.account
                WHERE n.name = ?
                """,
                [name]
            ).map { row -> (name: String, target: String?, fingerprint: String) in (name, row[0], row[1]) }
        }
        let root = try db.row("SELECT root FROM files WHERE path = ?", [record.path.blob])?[0] as [UInt8]?
        return pauses.first { pause in
            switch pause.subject {
            case .all: return true
            case .folder(_, let path): return path.blob == root
            case .account:
                guard let account else { return false }
                return pause.subject.holds(
                    account: account.name,
                    target: account.target,
                    fingerprint: account.fingerprint
                )
            }
        }
    }
}
