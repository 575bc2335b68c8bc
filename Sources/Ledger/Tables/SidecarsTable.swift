import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

/// The sidecars that have settled, in the version last seen. One row a path that is thought to have a file.
///
/// An entry's list of sidecars stands in its row of the manifest. It is made from this table in each commit that shows
/// the entry, or that changes a sidecar beside its present file.
enum SidecarsTable {
    /// - `stem`: the path without the last ending. A file's sidecars have its path here, or its own stem.
    /// - `manifest.sidecars`: the names in byte order, with a slash between them; null for none.
    static let schema = """
        CREATE TABLE sidecars (
            path BLOB NOT NULL PRIMARY KEY,
            stem BLOB NOT NULL,
            device INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            changed INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sidecars_stem ON sidecars (stem);
        ALTER TABLE manifest ADD COLUMN sidecars BLOB;
        """

    // MARK: Reading

    /// The noted versions of those sidecars, but of no file that was settling, rejected or skipped before it became a
    /// sidecar.
    static func noted(among sidecars: [FoundFile], in db: Database) throws -> [FilePath: FileVersion] {
        try sidecars.versions(in: db) { marks in
            """
            SELECT path, device, inode, size, modified, changed FROM sidecars
            WHERE path IN (\(marks)) AND NOT EXISTS
                (SELECT 1 FROM files f WHERE f.path = sidecars.path AND +f.state IN ('settling', 'rejected', 'skipped'))
            """
        }
    }

    /// Sidecars beneath a directory, in byte order after `path`. Fewer than `limit` are the end.
    static func present(
        beneath directory: FilePath,
        after path: FilePath? = nil,
        limit: Int,
        in db: Database
    ) throws -> PresentFiles {
        let range = directory.beneath
        var present = PresentFiles()
        for row in try db.rows(
            "SELECT path, device FROM sidecars WHERE path > ? AND path < ? ORDER BY path LIMIT ?",
            [path?.blob ?? range.after, range.before, limit]
        ) {
            present.files.append(.init(FilePath(blob: row[0]), on: UInt64(bitPattern: row[1])))
        }
        if present.files.count == limit { present.end = present.files.last?.path }
        return present
    }

    /// The names of the sidecars beside a file, in byte order.
    static func names(beside file: FilePath, in db: Database) throws -> [FilePath.Component] {
        try db.rows(
            "SELECT path FROM sidecars INDEXED BY sidecars_stem WHERE stem IN (?, ?) AND path <> ?",
            [file.blob, file.withoutEnding.blob, file.blob]
        ).map { $0[0] as [UInt8] }.sorted { $0.lexicographicallyPrecedes($1) }
            .compactMap { FilePath(blob: $0).lastComponent }
    }

    /// The files that a sidecar stands beside and that are known, in any state.
    ///
    /// Reads the paths in the directory that begin with the sidecar's stem and a dot.
    static func files(beside sidecar: FilePath, in db: Database) throws -> [FilePath] {
        let stem = sidecar.withoutEnding
        var files: [FilePath] = []
        if try db.row("SELECT 1 FROM files WHERE path = ?", [stem.blob]) != nil { files.append(stem) }
        try db.eachRow(
            """
            SELECT instr(substr(path, ?1), x'2F'), path FROM files WHERE path >= ?2 AND path < ?3 ORDER BY path
            """,
            beginningWith: stem.blob + [UInt8(ascii: ".")]
        ) { row in
            files.append(FilePath(blob: row[1]))
            return true
        }
        return files.filter(sidecar.isSidecar)
    }

    // MARK: Writing

    /// Notes a sidecar. Entries beside it are told of a sidecar that is new, or is not the same file with the same
    /// times. Another device number alone says nothing: it may change when a disk is mounted.
    static func note(_ file: FoundFile, at time: Timestamp, in db: Database) throws {
        let known = try db.row(
            "SELECT device, inode, size, modified, changed FROM sidecars WHERE path = ?",
            [file.path.blob]
        ).map { FileVersion($0, at: 0) }
        try takeBack(file.path, at: time, in: db)
        guard known != file.version else { return }
        try put(file.path, file.version, in: db)
        var same = file.version
        same.device = known?.device ?? same.device
        guard known != same else { return }
        for other in try files(beside: file.path, in: db) { try ManifestTable.listSidecars(of: other, in: db) }
    }

    static func put(_ path: FilePath, _ version: FileVersion, in db: Database) throws {
        try db.run(
            """
            INSERT INTO sidecars (path, stem, device, inode, size, modified, changed) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (path) DO UPDATE SET device = excluded.device, inode = excluded.inode, size = excluded.size,
                modified = excluded.modified, changed = excluded.changed
            """,
            [path.blob, path.withoutEnding.blob] + version.columns
        )
    }

    /// Takes back what was known of a file before it became a sidecar, unless it is up or in the queue.
    private static func takeBack(_ path: FilePath, at time: Timestamp, in db: Database) throws {
        guard let state = try FilesTable.record(of: path, in: db)?.state,
            [.settling, .rejected, .skipped].contains(state)
        else {
            return
        }
        try ManifestTable.withdraw(path, in: db)
        try FilesTable.leave(path, at: time, in: db)
        if try FilesTable.record(of: path, in: db) == nil { try StepsTable.forget(path, in: db) }
    }

    /// Forgets sidecars; paths without one do not matter. Each entry beside them changes once, however many it listed.
    static func leave(_ paths: some Sequence<FilePath>, in db: Database) throws {
        var files: [FilePath] = []
        var seen: Set<FilePath> = []
        for path in paths {
            try db.run("DELETE FROM sidecars WHERE path = ?", [path.blob])
            guard db.changesCount > 0 else { continue }
            files += try self.files(beside: path, in: db).filter { seen.insert($0).inserted }
        }
        for file in files { try ManifestTable.listSidecars(of: file, in: db) }
    }
}

extension ManifestTable {
    /// Lets the entry of a present file list its sidecars, under a new revision, even if the list is the same. Hooks
    /// are not told.
    static func listSidecars(of path: FilePath, in db: Database) throws {
        guard let standing = try standing(of: path, in: db), standing.asset != nil, standing.shown, standing.present
        else { return }
        let names = try SidecarsTable.names(beside: path, in: db)
        try db.run(
            "UPDATE manifest SET sidecars = ?, revision = ? WHERE path = ?",
            [blob(of: names), try db.next("revision"), path.blob]
        )
        try record(.updated, of: path, isNews: false, in: db)
    }

    /// Names as the column `sidecars` has them. No name has a slash.
    static func blob(of names: [FilePath.Component]) -> [UInt8]? {
        names.isEmpty
            ? nil : Array(names.map { FilePath(root: nil, [$0]).bytes }.joined(separator: [UInt8(ascii: "/")]))
    }

    /// Reads what ``blob(of:)`` wrote.
    static func names(_ blob: [UInt8]?) -> [FilePath.Component] {
        blob.map { Array(FilePath(blob: $0).components) } ?? []
    }
}
