import GRDB
import Pipeline
import SystemPackage

// The column `holder`: the account to which the known version went up, for which it was rejected, or which refused it
// (`refused`). Of a pushed file that waits: the account that it was pushed for.

extension FilesTable {
    /// Lets files in an account's folders settle anew if they were uploaded to, or rejected for, certainly another
    /// account. The next scan finds them. Returns how many of them are up.
    static func settleAnew(for account: ConfiguredAccount, at time: Timestamp, in db: Database) throws -> Int {
        let folders = try db.rows("SELECT name FROM folders WHERE account = ?", [account.name]).map { $0[0] as String }
        guard let others = try others(than: account, in: db) else { return 0 }
        let count = try countElsewhere(than: account, in: folders, db)
        for folder in folders {
            try db.run(
                """
                UPDATE files SET state = 'settling', cause = NULL, reason = ?, account = NULL, attempts = 0,
                    due = NULL, updated = ?
                WHERE state IN ('uploaded', 'rejected') AND folder = ? AND holder IN \(others)
                """,
                ["its account is another one than it went up to", time.milliseconds, folder]
            )
        }
        return count
    }

    /// How many files in these folders are up at certainly another account.
    static func countElsewhere(than account: ConfiguredAccount, in folders: [String], _ db: Database) throws -> Int {
        guard let others = try others(than: account, in: db) else { return 0 }
        return try folders.reduce(0) { count, folder in
            let row = try db.row(
                "SELECT count(*) FROM files WHERE state = 'uploaded' AND folder = ? AND holder IN \(others)",
                [folder]
            )
            return count + (row?[0] ?? 0)
        }
    }

    /// The accounts that this one certainly is not, as a list in brackets. Nil if there are none.
    private static func others(than account: ConfiguredAccount, in db: Database) throws -> String? {
        let others = try AccountsTable.known(in: db).others(than: account)
        return others.isEmpty ? nil : "(" + others.sorted().map(String.init).joined(separator: ", ") + ")"
    }

    /// Whether a file is up at certainly another account than the one it goes to now.
    static func isElsewhere(_ file: MediaFile, in db: Database) throws -> Bool {
        let row = try db.row("SELECT holder FROM files WHERE path = ?", [file.path.blob])
        guard let holder: Int64 = row?[0], let meaning = try AccountsTable.meaning(of: file.account, in: db) else {
            return false
        }
        return try holder != meaning && AccountsTable.known(in: db).areTwo(holder, meaning)
    }

    /// Lets files that were pushed for an account by name, and wait, follow the account to its present name.
    ///
    /// Without one, they wait on. If the name means another account by now, they are let go: nothing else would keep
    /// them from going up there.
    static func readdressPushed(at time: Timestamp, in db: Database) throws {
        let isAny: Bool? = try db.row(
            """
            SELECT EXISTS (SELECT 1 FROM tallies
                WHERE state IN ('settling', 'queued', 'uploading') AND folder = '' AND files > 0)
            """
        )?[0]
        guard isAny == true else { return }
        let waiting = try db.rows(
            """
            SELECT path, account, holder FROM files
            WHERE state IN ('settling', 'queued', 'uploading') AND folder IS NULL AND account IS NOT NULL
                AND holder IS NOT NULL
            """
        )
        for row in waiting {
            let (path, name, holder): (FilePath, String, Int64) = (FilePath(blob: row[0]), row[1], row[2])
            let meaning = try AccountsTable.meaning(of: name, in: db)
            if meaning == holder { continue }
            if let present = try AccountsTable.firstName(of: holder, in: db) {
                try db.run("UPDATE files SET account = ? WHERE path = ?", [present, path.blob])
            } else if meaning != nil {
                try UploadsTable.forgetIntent(path, in: db)
                try letGo(path, "account \(name), which it was pushed for, is another one by now", at: time, in: db)
            }
        }
    }

    static func setHolder(_ holder: Int64?, of path: FilePath, in db: Database) throws {
        try db.run("UPDATE files SET holder = ? WHERE path = ?", [holder, path.blob])
    }

    /// Sets the holder of a folder's rejected file: the account that the folder goes through.
    static func setHolder(of path: FilePath, byFolder folder: String, in db: Database) throws {
        try db.run(
            """
            UPDATE files SET holder = (
                SELECT k.account FROM folders f JOIN account_names n ON n.name = f.account
                JOIN account_keys k ON k.fingerprint = n.fingerprint WHERE f.name = ?
            ) WHERE path = ?
            """,
            [folder, path.blob]
        )
    }
}
