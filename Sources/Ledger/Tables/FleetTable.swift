import GRDB
import Pipeline

/// This host in its fleet. At most one row, and none on a host that was never part of one.
enum FleetTable {
    /// Version 25.
    ///
    /// - `host`: the host's UUID.
    /// - `published`: the revision up to which the fleet has this host's changes; null if it has none of them, or if
    ///   the host is part of no fleet now. Below 0 while all rows are compared: then changes after `-published - 1` are
    ///   kept.
    static let schema = """
        CREATE TABLE fleet (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            host TEXT NOT NULL,
            published INTEGER
        ) STRICT;
        """

    static func host(in db: Database) throws -> HostID? {
        guard let text: String = try db.row("SELECT host FROM fleet WHERE id = 1")?[0] else { return nil }
        guard let host = HostID(text) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a host without a UUID")
        }
        return host
    }

    /// Gives the host this identity. The fleet has none of its changes then.
    static func put(_ host: HostID, in db: Database) throws {
        try db.run("INSERT OR REPLACE INTO fleet (id, host, published) VALUES (1, ?, NULL)", [host.text])
    }

    static func published(in db: Database) throws -> Int64? {
        try stored(in: db).flatMap { $0 < 0 ? nil : $0 }
    }

    /// The column as it stands.
    static func stored(in db: Database) throws -> Int64? {
        try db.row("SELECT published FROM fleet WHERE id = 1")?[0] ?? nil
    }

    /// Keeps changes after a revision, while the fleet counts as having none.
    static func keep(after revision: Int64, in db: Database) throws {
        try notePublished(-revision - 1, in: db)
    }

    static func notePublished(_ revision: Int64?, in db: Database) throws {
        try db.run("UPDATE fleet SET published = ? WHERE id = 1", [revision])
    }

    /// Whether there is more of a fleet than this host's identity.
    static func hasRemains(in db: Database) throws -> Bool {
        try db.row(
            """
            SELECT published IS NOT NULL OR EXISTS (SELECT 1 FROM fleet_copy) OR EXISTS (SELECT 1 FROM fleet_hosts)
            FROM fleet
            """
        )?[0] ?? false
    }

    /// So many changes are kept for the fleet however few rows there are.
    private static let fewestKept: Int64 = 4096
    /// Beyond that, so many changes a row are kept for the fleet. A host that is further behind compares its rows with
    /// the fleet's.
    private static let keptARow: Int64 = 4

    /// The last change up to `revision` that the fleet does not need any more.
    static func lastPrunable(through revision: Int64, in db: Database) throws -> Int64 {
        guard let stored = try stored(in: db) else { return revision }
        let published = stored < 0 ? -stored - 1 : stored
        guard published < revision else { return revision }
        if revision - published <= fewestKept { return published }
        let most = max(fewestKept, Int64(try ManifestTable.count(in: db)) * keptARow)
        return revision - published <= most ? published : revision
    }
}
