import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

/// Uploaded files that are to leave their folders. One row an upload, from its commit until the file has left or stays.
enum DeparturesTable {
    /// - `id`: never given again, as the file has it in its hidden name for a moment.
    /// - `root` to `changed`: the folder, its path, and the file's version when it went up. `asset` has the file's
    ///   bytes.
    /// - `target`: the directory of a move. `aim`: the path beneath it to which the file was about to go.
    /// - `due`: when the next try may start. Null while the provider is processing the asset.
    static let schema = """
        CREATE TABLE departures (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            path BLOB NOT NULL,
            root BLOB NOT NULL,
            folder TEXT NOT NULL,
            account TEXT NOT NULL,
            asset INTEGER NOT NULL REFERENCES assets (id),
            device INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            action TEXT NOT NULL,
            target BLOB,
            aim BLOB,
            recorded INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            reason TEXT NOT NULL DEFAULT '',
            due INTEGER,
            CHECK ((action = 'move') = (target IS NOT NULL))
        ) STRICT;
        CREATE INDEX departures_due ON departures (folder, due, id) WHERE due IS NOT NULL;
        CREATE INDEX departures_asset ON departures (asset);
        CREATE INDEX departures_failed ON departures (id) WHERE attempts > 0;
        """

    /// Version 13: a folder finds its departures by their paths, without reading those of others.
    static let withPaths = "CREATE INDEX departures_path ON departures (path)"

    private enum Action: String {
        case delete
        case move
    }

    private static let columns = """
        d.id, d.folder, d.root, d.path, d.device, d.inode, d.size, d.modified, d.changed, d.account, d.action, d.target,
        a.sha256, a.status, d.aim, d.recorded, d.attempts,
        (SELECT k.account = a.holder FROM folders f JOIN account_names n ON n.name = f.account
            JOIN account_keys k ON k.fingerprint = n.fingerprint WHERE f.name = d.folder)
        """

    // MARK: Recording

    /// Records that a file is to leave, if it is uploaded in this very version. The asset has its bytes.
    static func add(
        _ file: MediaFile,
        asset: Int64,
        leaving: AfterUpload,
        at time: Timestamp,
        in db: Database
    ) throws {
        let action: Action
        var target: FilePath?
        switch leaving {
        case .keep: return
        case .delete: action = .delete
        case .move(let directory): (action, target) = (.move, directory)
        }
        guard let folder = file.folder, try FilesTable.state(of: file, in: db) == .uploaded else { return }
        let head: Bindings = [file.path.blob, file.root.blob, folder, file.account, asset]
        let tail: Bindings = [
            action.rawValue, target?.blob, time.milliseconds, Timestamp.atOnce.milliseconds, asset,
        ]
        try db.run(
            """
            INSERT INTO departures (path, root, folder, account, asset, device, inode, size, modified, changed,
                action, target, recorded, due)
            SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, iif(status = 'processing', NULL, ?) FROM assets WHERE id = ?
            """,
            head + file.version.columns + tail
        )
    }

    /// Makes the departures of an asset due. The provider no longer processes the asset, so its files need not wait.
    /// Returns whether there are any.
    static func release(asset: Int64, in db: Database) throws -> Bool {
        try db.run(
            "UPDATE departures SET due = ? WHERE asset = ? AND due IS NULL",
            [Timestamp.atOnce.milliseconds, asset]
        )
        return db.changesCount > 0
    }

    // MARK: Reading

    /// Whether a file at this path is to leave.
    static func hasAny(of path: FilePath, in db: Database) throws -> Bool {
        try db.row("SELECT 1 FROM departures WHERE path = ? LIMIT 1", [path.blob]) != nil
    }

    static func due(in folder: String, by time: Timestamp, limit: Int, in db: Database) throws -> [Departure] {
        try db.rows(
            """
            SELECT \(columns) FROM departures d INDEXED BY departures_due JOIN assets a ON a.id = d.asset
            WHERE d.folder = ? AND d.due <= ? ORDER BY d.due, d.id LIMIT ?
            """,
            [folder, time.milliseconds, limit]
        ).map(departure)
    }

    static func departure(_ id: Int64, in db: Database) throws -> Departure? {
        try db.row("SELECT \(columns) FROM departures d JOIN assets a ON a.id = d.asset WHERE d.id = ?", [id])
            .map(departure)
    }

    static func others(than folders: [String], after id: Int64, limit: Int, in db: Database) throws -> [Departure] {
        let marks = folders.map { _ in "?" }.joined(separator: ",")
        return try db.rows(
            """
            SELECT \(columns) FROM departures d JOIN assets a ON a.id = d.asset
            WHERE d.id > ? AND d.folder NOT IN (\(marks)) ORDER BY d.id LIMIT ?
            """,
            [id] + Bindings(folders) + [limit]
        ).map(departure)
    }

    static func next(in folder: String, after time: Timestamp, in db: Database) throws -> Timestamp? {
        let row = try db.row(
            "SELECT min(due) FROM departures INDEXED BY departures_due WHERE folder = ? AND due > ?",
            [folder, time.milliseconds]
        )
        return Timestamp(column: row?[0])
    }

    /// Whether the folder has a due departure that was not tried yet.
    static func isDue(in folder: String, by time: Timestamp, in db: Database) throws -> Bool {
        try db.row(
            """
            SELECT 1 FROM departures INDEXED BY departures_due
            WHERE folder = ? AND due <= ? AND attempts = 0 LIMIT 1
            """,
            [folder, time.milliseconds]
        ) != nil
    }

    /// Whether a departure waits for its provider, and a look at its asset is due at the account that this name means.
    static func awaitsLook(account: String, by time: Timestamp, in db: Database) throws -> Bool {
        guard let holder = try AccountsTable.meaning(of: account, in: db) else { return false }
        return try db.row(
            """
            SELECT 1 FROM assets a INDEXED BY assets_look JOIN departures d ON d.asset = a.id
            WHERE a.next_look <= ? AND a.holder = ? LIMIT 1
            """,
            [time.milliseconds, holder]
        ) != nil
    }

    static func failed(limit: Int, in db: Database) throws -> StayingFiles {
        let count: Int = try db.row("SELECT count(*) FROM departures WHERE attempts > 0")?[0] ?? 0
        let first = try db.rows("SELECT path, reason FROM departures WHERE attempts > 0 ORDER BY id LIMIT ?", [limit])
        return StayingFiles(
            count: count,
            first: first.map { StayingFile(path: FilePath(blob: $0[0]), reason: $0[1]) }
        )
    }

    private static func departure(_ row: StoredRow) throws -> Departure {
        let target: [UInt8]? = row[11]
        let aim: [UInt8]? = row[14]
        let action: AfterUpload =
            switch try Action(column: row[10]) {
            case .delete: .delete
            case .move: .move(FilePath(blob: target ?? []))
            }
        return Departure(
            id: row[0],
            folder: row[1],
            root: FilePath(blob: row[2]),
            path: FilePath(blob: row[3]),
            version: FileVersion(row, at: 4),
            account: row[9],
            action: action,
            sha256: SHA256Digest(bytes: row[12]),
            status: try AssetStatus(column: row[13]),
            aim: aim.map(FilePath.init(blob:)),
            recordedAt: Timestamp(milliseconds: row[15]),
            attempts: row[16],
            hasFoldersAccount: row[17]
        )
    }

    // MARK: Ending

    /// Records that the file has left. If the path has a newer file by now, that file keeps its state and entry.
    static func finish(_ departure: Departure, movedTo: FilePath?, in db: Database) throws {
        try remove(departure, in: db)
        let known = try FilesTable.record(of: departure.path, in: db)
        if let known, known.state != .gone, known.version != departure.version { return }
        try FilesTable.forget(departure.path, in: db)
        let facts = FileStep.Facts(path: movedTo)
        try StepsTable.add(.departed, facts, of: departure.path, at: .now(), in: db)
        try ManifestTable.leave(departure.path, movedTo: movedTo, in: db)
    }

    static func remove(_ departure: Departure, in db: Database) throws {
        try db.run("DELETE FROM departures WHERE id = ?", [departure.id])
    }
}
