import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage

/// Which assets each path showed, and from when on: one row whenever an entry came to show another asset.
enum HistoryTable {
    /// Version 3. What entries show at that time is their first line; their revision is that of their last change, the
    /// only one that is known.
    static let schema = """
        CREATE TABLE history (
            path BLOB NOT NULL,
            revision INTEGER NOT NULL,
            asset INTEGER NOT NULL REFERENCES assets (id),
            since INTEGER NOT NULL,
            PRIMARY KEY (path, revision)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO history (path, revision, asset, since)
            SELECT m.path, m.revision, m.asset, a.uploaded FROM manifest m JOIN assets a ON a.id = m.asset WHERE m.shown;
        """

    /// Does nothing where the path showed this asset last.
    static func note(
        _ asset: Int64,
        at path: FilePath,
        revision: Int64,
        since time: Timestamp,
        in db: Database
    ) throws {
        let last = try db.row("SELECT asset FROM history WHERE path = ? ORDER BY revision DESC LIMIT 1", [path.blob])
        guard last?[0] != asset else { return }
        try db.run(
            "INSERT INTO history (path, revision, asset, since) VALUES (?, ?, ?, ?)",
            [path.blob, revision, asset, time.milliseconds]
        )
    }

    static func shown(at path: FilePath, in db: Database) throws -> [ShownAsset] {
        try db.rows(
            """
            SELECT h.revision, h.since, a.provider, a.account, a.size, a.sha256, \(AssetsTable.receiptColumns)
            FROM history h JOIN assets a ON a.id = h.asset WHERE h.path = ? ORDER BY h.revision
            """,
            [path.blob]
        ).map { row in
            ShownAsset(
                revision: row[0],
                since: Timestamp(milliseconds: row[1]),
                provider: row[2],
                account: row[3],
                size: row[4],
                sha256: SHA256Digest(bytes: [UInt8](row[5] as Data)),
                receipt: try AssetsTable.receipt(row, at: 6)
            )
        }
    }
}
