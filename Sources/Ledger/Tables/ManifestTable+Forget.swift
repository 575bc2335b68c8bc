import GRDB
import Pipeline
import SystemPackage

// Entries that are not wanted any more.

extension ManifestTable {
    /// Removes the entry of a file that is not there, and all that the ledger keeps of the path. The asset stays known,
    /// for files with the same bytes.
    static func forget(_ path: FilePath, in db: Database) throws -> ForgottenFile {
        guard let standing = try standing(of: path, in: db), standing.shown else {
            return ForgottenFile(path, .unknown)
        }
        let state = try FilesTable.record(of: path, in: db)?.state ?? .gone
        guard standing.asset != nil, !standing.present, state == .gone else { return ForgottenFile(path, .present) }
        try db.run(
            "UPDATE manifest SET shown = 0, forgotten = 1, revision = ? WHERE path = ?",
            [try db.next("revision"), path.blob]
        )
        try record(.forgotten, of: path, in: db)
        try pruneHidden(in: db)
        try FilesTable.forget(path, in: db)
        try StepsTable.forget(path, in: db)
        return ForgottenFile(path, .forgotten)
    }

    /// Up to `limit` paths that show entries of files that left before that time, and did not come back.
    static func left(before time: Timestamp, limit: Int, in db: Database) throws -> [FilePath] {
        try db.rows(
            """
            SELECT path FROM manifest INDEXED BY manifest_left
            WHERE shown AND NOT present AND left_at < ?
                AND NOT EXISTS (SELECT 1 FROM files WHERE files.path = manifest.path AND files.state <> 'gone')
            ORDER BY left_at LIMIT ?
            """,
            [time.milliseconds, limit]
        ).map { FilePath(blob: $0[0]) }
    }
}
