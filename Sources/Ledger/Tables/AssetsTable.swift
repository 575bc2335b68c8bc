import FoundationEssentials
import GRDB
import Pipeline

/// What providers know: one row for each different content that went up to an account (``AccountsTable``). If the
/// provider could not process it and the same bytes went up anew, they have one row more.
enum AssetsTable {
    /// `next_look` is set while the provider is processing. `looks` counts how often the provider was asked.
    static let schema = """
        CREATE TABLE assets (
            id INTEGER PRIMARY KEY,
            provider TEXT NOT NULL,
            account TEXT NOT NULL,
            size INTEGER NOT NULL,
            sha256 BLOB NOT NULL,
            mime TEXT NOT NULL,
            kind TEXT NOT NULL,
            asset_urn TEXT,
            media_id TEXT,
            public_url TEXT,
            recipes TEXT NOT NULL,
            status TEXT NOT NULL,
            uploaded INTEGER NOT NULL,
            looks INTEGER NOT NULL DEFAULT 0,
            next_look INTEGER,
            UNIQUE (account, size, sha256)
        ) STRICT;
        CREATE INDEX assets_look ON assets (account, next_look) WHERE next_look IS NOT NULL;
        """

    /// Version 2: the same bytes may have a second row, after the provider could not process the first.
    ///
    /// SQLite drops a constraint only with its table (https://www.sqlite.org/lang_altertable.html, "Making Other Kinds
    /// Of Table Schema Changes").
    static let withoutUniqueContent = """
        CREATE TABLE assets_2 (
            id INTEGER PRIMARY KEY,
            provider TEXT NOT NULL,
            account TEXT NOT NULL,
            size INTEGER NOT NULL,
            sha256 BLOB NOT NULL,
            mime TEXT NOT NULL,
            kind TEXT NOT NULL,
            asset_urn TEXT,
            media_id TEXT,
            public_url TEXT,
            recipes TEXT NOT NULL,
            status TEXT NOT NULL,
            uploaded INTEGER NOT NULL,
            looks INTEGER NOT NULL DEFAULT 0,
            next_look INTEGER
        ) STRICT;
        INSERT INTO assets_2 SELECT
            id, provider, account, size, sha256, mime, kind, asset_urn, media_id, public_url, recipes, status, uploaded,
            looks, next_look
            FROM assets;
        DROP TABLE assets;
        ALTER TABLE assets_2 RENAME TO assets;
        CREATE INDEX assets_look ON assets (account, next_look) WHERE next_look IS NOT NULL;
        CREATE INDEX assets_content ON assets (account, size, sha256);
        """

    /// Version 11: whether an account has the asset by its name alone, as after a repair. Nothing shows then that the
    /// account's present target has the bytes.
    static let withClaims = """
        ALTER TABLE assets ADD COLUMN claimed INTEGER NOT NULL DEFAULT 0;
        UPDATE assets SET claimed = 1 WHERE holder IN (SELECT id FROM accounts WHERE target IS NULL);
        """

    static func hasAny(of holder: Int64, size: Int64, in db: Database) throws -> Bool {
        try db.row(
            """
            SELECT 1 FROM assets INDEXED BY assets_content
            WHERE holder = ? AND size = ? AND status <> 'failed' LIMIT 1
            """,
            [holder, size]
        ) != nil
    }

    /// The account's asset of these bytes; of several, the newest.
    static func find(_ sha256: SHA256Digest, of holder: Int64, size: Int64, in db: Database) throws -> KnownAsset? {
        try db.row(
            """
            SELECT id, claimed, \(ReceiptColumns.list) FROM assets INDEXED BY assets_content
            WHERE holder = ? AND size = ? AND sha256 = ? AND status <> 'failed' ORDER BY id DESC LIMIT 1
            """,
            [holder, size, sha256.bytes]
        ).map { row in
            KnownAsset(
                id: row[0],
                sha256: sha256,
                receipt: try ReceiptColumns.receipt(row, at: 2),
                isProven: (row[1] as Int64) == 0
            )
        }
    }

    /// Whether the account has an asset of these bytes under these ids, and surely has the bytes.
    static func has(
        _ receipt: Receipt,
        of holder: Int64,
        size: Int64,
        _ sha256: SHA256Digest,
        in db: Database
    ) throws -> Bool {
        try db.rows(
            """
            SELECT \(ReceiptColumns.list) FROM assets WHERE holder = ? AND size = ? AND sha256 = ? AND claimed = 0
            """,
            [holder, size, sha256.bytes]
        ).contains { try ReceiptColumns.receipt($0, at: 0).names(sameAssetAs: receipt) }
    }

    /// Keeps the asset of an upload and returns its number. If two equal files went up side by side, the asset recorded
    /// first stays: scripts may have its ids by now. An asset that the provider could not process never stands for
    /// other uploads.
    static func keep(
        _ file: MediaFile,
        provider: String,
        holder: Int64,
        sha256: SHA256Digest,
        receipt: Receipt,
        at time: Timestamp,
        in db: Database
    ) throws -> Int64 {
        let digest = sha256.bytes
        let older = try db.row(
            """
            SELECT id FROM assets INDEXED BY assets_content
            WHERE holder = ? AND size = ? AND sha256 = ? AND status <> 'failed' AND claimed = 0 ORDER BY id
            LIMIT 1
            """,
            [holder, file.size, digest]
        )
        if let older { return older[0] }
        let content = Content(
            provider: provider,
            account: file.account,
            size: file.size,
            sha256: sha256,
            mime: file.mime,
            kind: file.kind,
            measure: file.measure,
            receipt: receipt,
            uploadedAt: time
        )
        return try add(content, of: holder, firstLook: .atOnce, isClaimed: false, in: db)
    }

    /// What a row says of an upload.
    struct Content {
        let provider: String
        let account: String
        let size: Int64
        let sha256: SHA256Digest
        let mime: MIMEType
        let kind: MediaKind
        var measure = MediaMeasure.unknown
        let receipt: Receipt
        let uploadedAt: Timestamp
    }

    private static let insertion: String = {
        let columns =
            ["provider", "account", "holder", "claimed", "uploaded", "next_look", "size", "sha256", "mime", "kind"]
            + MeasureColumns.released + ReceiptColumns.names
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        return "INSERT INTO assets (\(columns.joined(separator: ", "))) VALUES (\(marks))"
    }()

    /// Adds a row and returns its number. `firstLook` counts only for an asset that is being processed.
    static func add(
        _ content: Content,
        of holder: Int64,
        firstLook: Timestamp,
        isClaimed: Bool,
        in db: Database
    ) throws -> Int64 {
        let receipt = content.receipt
        let bytes: Bindings = [
            content.size, content.sha256.bytes, content.mime.rawValue, content.kind.rawValue,
        ]
        let nextLook = receipt.status == .processing ? firstLook.milliseconds : nil
        try db.run(
            insertion,
            [content.provider, content.account, holder, isClaimed, content.uploadedAt.milliseconds, nextLook] + bytes
                + MeasureColumns.values(of: content.measure) + ReceiptColumns.values(of: receipt)
        )
        return db.lastInsertedRowID
    }

    /// Gives an asset that went up without a measure the one of its bytes. Returns whether that changed it.
    static func fill(_ measure: MediaMeasure, of id: Int64, in db: Database) throws -> Bool {
        if measure == .unknown { return false }
        let columns = MeasureColumns.released
        try db.run(
            """
            UPDATE assets SET \(columns.map { "\($0) = ?" }.joined(separator: ", "))
            WHERE id = ? AND \(columns.map { "\($0) IS NULL" }.joined(separator: " AND "))
            """,
            MeasureColumns.values(of: measure) + [id]
        )
        return db.changesCount > 0
    }

    /// Throws ``LedgerError/Kind/unknownAsset`` if there is no such asset.
    static func check(_ id: Int64, in db: Database) throws {
        guard try db.row("SELECT 1 FROM assets WHERE id = ?", [id]) != nil else { throw unknown(id) }
    }

    /// Whether the account has the asset in this size, and the provider could process it or still may.
    static func isUsable(_ id: Int64, by holder: Int64, size: Int64, in db: Database) throws -> Bool {
        try db.row(
            "SELECT 1 FROM assets WHERE id = ? AND holder = ? AND size = ? AND status <> 'failed'",
            [id, holder, size]
        ) != nil
    }

    private static func unknown(_ id: Int64) -> LedgerError {
        LedgerError(.unknownAsset, "the ledger has no asset \(id)")
    }

    // MARK: Looking again

    /// In milliseconds from now. The longest time between two looks is a minute. A look due later was set by a clock
    /// that has jumped back since.
    private static let farthestLook: Int64 = 120_000

    static func processing(of holder: Int64, at time: Timestamp, limit: Int, in db: Database) throws
        -> [ProcessingAsset]
    {
        // Two ranges of the index: one condition would sort all assets that are being processed.
        let query =
            "SELECT id, uploaded, looks, sha256, \(ReceiptColumns.list) FROM assets INDEXED BY assets_look "
            + "WHERE holder = ?"
        let due = try db.rows(
            "\(query) AND next_look <= ? ORDER BY next_look LIMIT ?",
            [holder, time.milliseconds, limit]
        )
        let ahead = time.milliseconds + farthestLook
        let far = try db.rows(
            "\(query) AND next_look > ? ORDER BY next_look LIMIT ?",
            [holder, ahead, limit - due.count]
        )
        return try (due + far).map { row in
            ProcessingAsset(
                id: row[0],
                sha256: SHA256Digest(bytes: row[3]),
                receipt: try ReceiptColumns.receipt(row, at: 4),
                uploadedAt: Timestamp(milliseconds: row[1]),
                looks: row[2]
            )
        }
    }

    static func nextLook(of holder: Int64, in db: Database) throws -> Timestamp? {
        let row = try db.row(
            "SELECT min(next_look) FROM assets INDEXED BY assets_look WHERE holder = ? AND next_look IS NOT NULL",
            [holder]
        )
        return Timestamp(column: row?[0])
    }

    /// Records what a look told. Returns whether the status changed.
    static func record(_ status: AssetStatus, of id: Int64, nextLook: Timestamp?, in db: Database) throws -> Bool {
        guard let row = try db.row("SELECT status FROM assets WHERE id = ?", [id]) else { throw unknown(id) }
        let before: String = row[0]
        try db.run(
            "UPDATE assets SET status = ?, looks = looks + 1, next_look = ? WHERE id = ?",
            [status.rawValue, status == .processing ? nextLook?.milliseconds : nil, id]
        )
        return before != status.rawValue
    }
}
