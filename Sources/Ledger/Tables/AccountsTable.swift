import GRDB
import Pipeline

/// Whom bytes went to: one row an account (``AccountIdentity``), the keys that lead there, and its present names.
enum AccountsTable {
    /// - `provider`, `name`: as in the configuration that first had the account.
    /// - `target`, `proof`: null for an account known by name and provider alone.
    /// - `owner`: as an answer named it.
    /// - `account_keys`: a fingerprint is of one target and, if the target does not say it all, one key.
    /// - `account_names`: the fingerprint of each configured account.
    /// - `folders`: the name of the account that each watched folder goes through.
    ///
    /// In other tables the account is the column `holder`.
    static let schema = """
        CREATE TABLE accounts (
            id INTEGER PRIMARY KEY,
            provider TEXT NOT NULL,
            name TEXT NOT NULL,
            target TEXT,
            proof TEXT,
            owner TEXT
        ) STRICT;
        CREATE TABLE account_keys (
            fingerprint TEXT NOT NULL PRIMARY KEY,
            account INTEGER NOT NULL REFERENCES accounts (id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE account_names (
            name TEXT NOT NULL PRIMARY KEY,
            fingerprint TEXT NOT NULL REFERENCES account_keys (fingerprint)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE folders (
            name TEXT NOT NULL PRIMARY KEY,
            account TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    // MARK: Reading

    /// The account that this fingerprint leads to. Nil if it was never adopted.
    static func find(_ account: ConfiguredAccount, in db: Database) throws -> Int64? {
        try db.row("SELECT account FROM account_keys WHERE fingerprint = ?", [account.identity.fingerprint])?[0]
    }

    static func known(in db: Database) throws -> KnownAccounts {
        let accounts = try db.rows("SELECT id, provider, name, target, proof, owner FROM accounts").map { row in
            KnownAccounts.Account(
                id: row[0],
                provider: row[1],
                name: row[2],
                target: row[3],
                proof: try (row[4] as String?).map { try AccountIdentity.Proof(column: $0) },
                owner: row[5]
            )
        }
        let keys = try db.rows("SELECT fingerprint, account FROM account_keys").map { row -> (String, Int64) in
            (row[0], row[1])
        }
        return KnownAccounts(accounts, keys: Dictionary(keys) { first, _ in first })
    }

    /// The account that a configured name means. Nil if the configuration has no such name.
    static func meaning(of name: String, in db: Database) throws -> Int64? {
        try db.row(
            "SELECT k.account FROM account_names n JOIN account_keys k ON k.fingerprint = n.fingerprint WHERE n.name = ?",
            [name]
        )?[0]
    }

    /// Whether this name looks after the account. Of several names, the first does. If no name means the account, any
    /// may.
    static func isLookedAfter(by name: String, _ id: Int64, in db: Database) throws -> Bool {
        let first = try firstName(of: id, in: db)
        return first == nil || first == name
    }

    /// The first of the names that mean the account; nil if none does.
    static func firstName(of id: Int64, in db: Database) throws -> String? {
        try db.row(
            """
            SELECT min(n.name) FROM account_names n JOIN account_keys k ON k.fingerprint = n.fingerprint
            WHERE k.account = ?
            """,
            [id]
        )?[0]
    }

    // MARK: Writing

    /// The ledger's account for a configured one. Made if it is new.
    static func holder(of account: ConfiguredAccount, in db: Database) throws -> Int64 {
        if let id = try find(account, in: db) { return id }
        let id: Int64
        switch try known(in: db).find(account) {
        case .known(let known): return known.id
        case .claims(let known):
            id = known.id
            try db.run(
                "UPDATE accounts SET target = ?, proof = ? WHERE id = ?",
                [account.identity.target, account.identity.proof.rawValue, id]
            )
        case .new:
            id = try insert(account, owner: nil, in: db)
        }
        try db.run(
            "INSERT INTO account_keys (fingerprint, account) VALUES (?, ?)",
            [account.identity.fingerprint, id]
        )
        return id
    }

    /// The account known by this name and provider alone. Made if there is none.
    static func holder(ofName name: String, provider: String, in db: Database) throws -> Int64 {
        let row = try db.row(
            "SELECT id FROM accounts WHERE name = ? AND provider = ? AND target IS NULL",
            [name, provider]
        )
        if let row { return row[0] }
        try db.run("INSERT INTO accounts (provider, name) VALUES (?, ?)", [provider, name])
        return db.lastInsertedRowID
    }

    /// The account that this name means, if it has this provider. Otherwise the account that was last known by both,
    /// made if there is none.
    static func holder(meantBy name: String, provider: String, in db: Database) throws -> Int64 {
        let meant = try meaning(of: name, in: db)
        let row = try db.row(
            "SELECT id FROM accounts WHERE provider = ? AND (id = ? OR name = ?) ORDER BY id = ? DESC, id DESC",
            [provider, meant, name, meant]
        )
        return try row?[0] ?? holder(ofName: name, provider: provider, in: db)
    }

    private static func insert(_ account: ConfiguredAccount, owner: String?, in db: Database) throws -> Int64 {
        try db.run(
            "INSERT INTO accounts (provider, name, target, proof, owner) VALUES (?, ?, ?, ?, ?)",
            [
                account.identity.provider, account.name, account.identity.target, account.identity.proof.rawValue,
                owner,
            ]
        )
        return db.lastInsertedRowID
    }

    /// Lets each name mean its account from now on. No other name means any.
    static func name(_ accounts: [ConfiguredAccount], in db: Database) throws {
        try db.run("DELETE FROM account_names")
        for account in accounts {
            _ = try holder(of: account, in: db)
            try db.run(
                "INSERT OR REPLACE INTO account_names (name, fingerprint) VALUES (?, ?)",
                [account.name, account.identity.fingerprint]
            )
        }
    }

    static func setFolders(_ folders: [String: String], in db: Database) throws {
        try db.run("DELETE FROM folders")
        for (folder, account) in folders {
            try db.run("INSERT INTO folders (name, account) VALUES (?, ?)", [folder, account])
        }
    }

    /// Records the owner that an answer to a request of the account named. Returns the change to tell, if any.
    static func note(
        owner: String,
        of account: ConfiguredAccount,
        at time: Timestamp,
        in db: Database
    ) throws -> AccountChange? {
        let id = try holder(of: account, in: db)
        let row = try db.row("SELECT owner FROM accounts WHERE id = ?", [id])
        if row?[0] == owner { return nil }
        switch try known(in: db).meaning(of: owner, for: id) {
        case .nothing:
            return nil
        case .named(let isAnother):
            try db.run("UPDATE accounts SET owner = ? WHERE id = ?", [owner, id])
            let files = try settleAnew(account.identity, at: time, in: db)
            // Two accounts at one address that just begin: neither is another one than before.
            return isAnother && files > 0 ? AccountChange(account: account.name, kind: .another(files: files)) : nil
        case .same(let older):
            try merge(id, into: older.id, in: db)
            return AccountChange(account: account.name, kind: .same)
        case .moved(let known):
            let target = try known?.id ?? insert(account, owner: owner, in: db)
            let fingerprint = account.identity.fingerprint
            try db.run("UPDATE account_keys SET account = ? WHERE fingerprint = ?", [target, fingerprint])
            let files = try settleAnew(account.identity, at: time, in: db)
            return AccountChange(account: account.name, kind: .another(files: files))
        }
    }

    /// Settles files anew for each name with this fingerprint. Returns how many of them are up.
    private static func settleAnew(_ identity: AccountIdentity, at time: Timestamp, in db: Database) throws -> Int {
        let names = try db.rows("SELECT name FROM account_names WHERE fingerprint = ?", [identity.fingerprint])
        return try names.reduce(0) { count, row in
            let account = ConfiguredAccount(name: row[0], identity: identity)
            return try count + FilesTable.settleAnew(for: account, at: time, in: db)
        }
    }

    /// Gives everything of one account to the older one, and deletes the account.
    private static func merge(_ id: Int64, into older: Int64, in db: Database) throws {
        for table in ["assets", "uploads", "files"] {
            try db.execute(sql: "UPDATE \(table) SET holder = ? WHERE holder = ?", arguments: [older, id])
        }
        try db.run("UPDATE account_keys SET account = ? WHERE account = ?", [older, id])
        try db.run("DELETE FROM accounts WHERE id = ?", [id])
    }
}
