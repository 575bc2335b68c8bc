import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

/// What the manifest shows, and the changes that led there. One row a path: it points to an asset or says why there is
/// none.
enum ManifestTable {
    /// - `asset`: of an entry. `code`, `reason` and `at`: of a rejection.
    /// - `present`: whether the file is there; of an entry only.
    /// - `moved_to` (version 6): the new place of a file that was moved away.
    /// - `forgotten` (version 17): whether the row is not shown because its entry was forgotten.
    /// - `left_at` (version 17): when the file of an entry left.
    /// - `warnings` (version 22): of an entry; what may keep the provider from using the file, as of its upload.
    /// - `shown`: false for a row that is kept only to say that its path is no longer shown.
    /// - `changes.content`: the fields of the row at that revision, as the manifest has them, with exact times.
    static let schema = """
        CREATE TABLE manifest (
            path BLOB NOT NULL PRIMARY KEY,
            folder TEXT,
            asset INTEGER REFERENCES assets (id),
            code TEXT,
            reason TEXT,
            at INTEGER,
            present INTEGER NOT NULL,
            shown INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            CHECK ((asset IS NULL) = (code IS NOT NULL AND reason IS NOT NULL AND at IS NOT NULL))
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX manifest_asset ON manifest (asset) WHERE asset IS NOT NULL;
        CREATE INDEX manifest_revision ON manifest (revision, shown);
        CREATE TABLE changes (
            revision INTEGER PRIMARY KEY,
            event TEXT NOT NULL,
            path BLOB NOT NULL,
            moved_from BLOB,
            content TEXT NOT NULL
        ) STRICT;
        """

    /// The part of a path's row that decides whether a call changes anything.
    struct Standing: Hashable {
        var folder: String?
        /// Nil for a rejection.
        var asset: Int64?
        var rejection: Rejection?
        var present: Bool
        var shown: Bool

        /// Whether it is the entry of a file that is thought to be there.
        var isPresentEntry: Bool { asset != nil && shown && present }
    }

    static func standing(of path: FilePath, in db: Database) throws -> Standing? {
        try db.row(
            "SELECT folder, asset, code, reason, present, shown FROM manifest WHERE path = ?",
            [path.blob]
        ).map { row in
            let code: String? = row[2]
            let reason: String? = row[3]
            return Standing(
                folder: row[0],
                asset: row[1],
                rejection: try code.map { Rejection(try Rejection.Code(column: $0), reason ?? "") },
                present: row[4],
                shown: row[5]
            )
        }
    }

    /// Lets the path's entry point to the asset. `movedFrom` is the path that the entry leaves, if that path shows the
    /// asset. Both are one change. Nothing changes if the entry says the same already, whatever its warnings are.
    static func show(
        _ asset: Int64,
        at path: FilePath,
        folder: String?,
        present: Bool,
        movedFrom: FilePath? = nil,
        warnings: [MediaWarning],
        in db: Database
    ) throws {
        let wanted = Standing(folder: folder, asset: asset, rejection: nil, present: present, shown: true)
        let left = try movedFrom.flatMap { try $0 == path ? nil : standing(of: $0, in: db) }
        let moves = left?.asset == asset && left?.shown == true
        guard try moves || standing(of: path, in: db) != wanted else { return }

        let revision = try db.next("revision")
        let sidecars = try SidecarsTable.names(beside: path, in: db)
        try put(wanted, at: path, revision: revision, time: nil, sidecars: sidecars, warnings: warnings, in: db)
        if moves, let movedFrom {
            try db.run(
                "UPDATE manifest SET present = 0, shown = 0, revision = ? WHERE path = ?",
                [revision, movedFrom.blob]
            )
            try pruneHidden(in: db)
        }
        try record(moves ? .renamed : .uploaded, of: path, movedFrom: moves ? movedFrom : nil, in: db)
    }

    /// Lets the path say why its file cannot go up. That replaces any entry of the path.
    static func reject(
        _ path: FilePath,
        folder: String?,
        _ rejection: Rejection,
        at time: Timestamp,
        in db: Database
    ) throws {
        let wanted = Standing(folder: folder, asset: nil, rejection: rejection, present: true, shown: true)
        guard try standing(of: path, in: db) != wanted else { return }
        try put(wanted, at: path, revision: try db.next("revision"), time: time, in: db)
        try record(.rejected, of: path, in: db)
    }

    /// Records that the file left. Its entry is no longer present; its rejection is no longer shown.
    ///
    /// `movedTo` is the file's new place, if known. If the leaving was recorded before, the new place is a change of
    /// its own.
    static func leave(_ path: FilePath, movedTo: FilePath? = nil, in db: Database) throws {
        guard let standing = try standing(of: path, in: db), standing.shown else { return }
        guard standing.present || (movedTo != nil && standing.asset != nil) else { return }
        try db.run(
            """
            UPDATE manifest SET present = 0, shown = (asset IS NOT NULL), moved_to = ?, left_at = ifnull(left_at, ?),
                revision = ? WHERE path = ?
            """,
            [movedTo?.blob, Timestamp.now().milliseconds, try db.next("revision"), path.blob]
        )
        try record(standing.present ? .removed : .updated, of: path, in: db)
        if standing.asset == nil { try pruneHidden(in: db) }
    }

    /// Shows a rejection no longer. Does nothing if the path shows an entry.
    static func withdraw(_ path: FilePath, in db: Database) throws {
        guard let standing = try standing(of: path, in: db), standing.shown, standing.asset == nil else { return }
        try leave(path, in: db)
    }

    /// Records a change for each path that shows the asset: its status or its measure changed. Returns the paths.
    /// `isReady` tells whether the asset can be used from now on.
    static func touch(pathsOf asset: Int64, isReady: Bool, in db: Database) throws -> [FilePath] {
        let paths = try paths(of: asset, in: db)
        for path in paths {
            try db.run("UPDATE manifest SET revision = ? WHERE path = ?", [try db.next("revision"), path.blob])
            try record(.updated, of: path, becomesReady: isReady, in: db)
        }
        return paths
    }

    /// Paths that show the asset and at which this very file was seen last. At most 32 of its hard links: each may need
    /// a look.
    static func paths(of asset: Int64, at version: FileVersion, in db: Database) throws -> [FilePath] {
        try db.rows(
            """
            SELECT f.path FROM files f INDEXED BY files_inode CROSS JOIN manifest m ON m.path = f.path
            WHERE f.inode = ? AND f.device = ? AND f.size = ? AND f.modified = ? AND m.asset = ? AND m.shown
            ORDER BY f.id LIMIT 32
            """,
            [
                Int64(bitPattern: version.inode), Int64(bitPattern: version.device), version.size, version.modified,
                asset,
            ]
        ).map { FilePath(blob: $0[0]) }
    }

    /// Other paths that show the asset which this path shows: at most `limit`.
    static func paths(sharing path: FilePath, limit: Int, in db: Database) throws -> [FilePath] {
        guard let standing = try standing(of: path, in: db), standing.shown, let asset = standing.asset else {
            return []
        }
        return try db.rows(
            """
            SELECT path FROM manifest INDEXED BY manifest_asset
            WHERE asset = ? AND shown AND path <> ? ORDER BY path LIMIT ?
            """,
            [asset, path.blob, limit]
        ).map { FilePath(blob: $0[0]) }
    }

    static func paths(of asset: Int64, in db: Database) throws -> [FilePath] {
        try db.rows(
            "SELECT path FROM manifest INDEXED BY manifest_asset WHERE asset = ? AND shown ORDER BY path",
            [asset]
        ).map { FilePath(blob: $0[0]) }
    }

    /// Writes a path's whole row, in place of what it said.
    static func put(
        _ standing: Standing,
        at path: FilePath,
        revision: Int64,
        time: Timestamp?,
        movedTo: FilePath? = nil,
        sidecars: [FilePath.Component] = [],
        warnings: [MediaWarning] = [],
        in db: Database
    ) throws {
        try db.run(
            """
            INSERT INTO manifest (
                path, folder, asset, code, reason, at, present, shown, revision, moved_to, left_at, sidecars, warnings
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (path) DO UPDATE SET
                folder = excluded.folder, asset = excluded.asset, code = excluded.code, reason = excluded.reason,
                at = excluded.at, present = excluded.present, shown = excluded.shown, revision = excluded.revision,
                moved_to = excluded.moved_to, left_at = excluded.left_at, sidecars = excluded.sidecars,
                warnings = excluded.warnings, forgotten = 0
            """,
            [
                path.blob, standing.folder, standing.asset, standing.rejection?.code.rawValue,
                standing.rejection?.reason, time?.milliseconds, standing.present, standing.shown, revision,
                movedTo?.blob, standing.present ? nil : Timestamp.now().milliseconds,
                blob(of: sidecars), WarningsColumn.text(warnings),
            ]
        )
    }
}
