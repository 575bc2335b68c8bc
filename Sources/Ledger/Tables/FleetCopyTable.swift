import GRDB
import Pipeline
import SystemPackage

/// This host's copy of what all hosts of its fleet show. Without a fleet, these tables are empty.
enum FleetCopyTable {
    /// Version 26.
    ///
    /// - `fleet_copy`: at most one row. `copy` is the one that is shown. `numbering` counts how often revisions, or
    ///   hosts' names, have begun anew, and `journal` is the numbering that the journal on disk has. `mark` tells the
    ///   change of `revision` from others with that number. `published`: the two files, as a process left them.
    /// - `fleet_hosts`: a host's number here, its UUID, and the name that it has now.
    /// - `fleet_entries`: what paths show. `account` is the fleet's name, where the asset is the content's.
    /// - `fleet_changes`: changes that the journal may lack.
    static let schema = """
        CREATE TABLE fleet_copy (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            fleet TEXT NOT NULL,
            revision INTEGER NOT NULL,
            mark TEXT,
            copy INTEGER NOT NULL,
            numbering INTEGER NOT NULL,
            journal INTEGER NOT NULL,
            published TEXT
        ) STRICT;
        CREATE TABLE fleet_hosts (
            number INTEGER PRIMARY KEY,
            host TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            forgotten INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE fleet_entries (
            copy INTEGER NOT NULL,
            host INTEGER NOT NULL,
            path BLOB NOT NULL,
            revision INTEGER NOT NULL,
            rejected INTEGER NOT NULL,
            content TEXT NOT NULL,
            account TEXT,
            sha256 BLOB,
            PRIMARY KEY (copy, host, path)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX fleet_entries_revision ON fleet_entries (copy, revision);
        CREATE INDEX fleet_entries_content ON fleet_entries (account, sha256) WHERE account IS NOT NULL;
        CREATE TABLE fleet_changes (
            revision INTEGER PRIMARY KEY,
            event TEXT NOT NULL,
            host INTEGER NOT NULL,
            path BLOB NOT NULL,
            moved_from BLOB,
            content TEXT NOT NULL
        ) STRICT;
        """

    static func place(in db: Database) throws -> FleetPlace? {
        try db.row("SELECT fleet, revision, mark FROM fleet_copy").map { row in
            FleetPlace(fleet: row[0], revision: row[1], mark: row[2])
        }
    }

    /// The copy that is shown; 0 before there is one.
    static func shown(in db: Database) throws -> Int64 {
        try db.row("SELECT copy FROM fleet_copy")?[0] ?? 0
    }

    /// A number that no copy has.
    static func next(in db: Database) throws -> Int64 {
        let newest: Int64? = try db.row("SELECT max(copy) FROM fleet_entries")?[0]
        return max(newest ?? 0, try shown(in: db)) + 1
    }

    static func note(_ place: FleetPlace, in db: Database) throws {
        try db.run("UPDATE fleet_copy SET revision = ?, mark = ?", [place.revision, place.mark])
    }

    static func show(_ copy: Int64, at place: FleetPlace, in db: Database) throws {
        try db.run(
            """
            INSERT INTO fleet_copy (id, fleet, revision, mark, copy, numbering, journal) VALUES (1, ?, ?, ?, ?, 1, 0)
            ON CONFLICT (id) DO UPDATE SET fleet = excluded.fleet, revision = excluded.revision, mark = excluded.mark,
                copy = excluded.copy, numbering = numbering + 1
            """,
            [place.fleet, place.revision, place.mark, copy]
        )
        try db.run("DELETE FROM fleet_changes")
    }

    /// So many rows go in one commit.
    private static let portion = 2000

    /// Returns whether a row of another copy was there.
    static func clear(in db: Database) throws -> Bool {
        let shown = try shown(in: db)
        for others in ["copy < ?", "copy > ?"] {
            let row = try db.row("SELECT 1 FROM fleet_entries WHERE \(others) LIMIT 1", [shown])
            guard row != nil else { continue }
            try db.run(
                """
                DELETE FROM fleet_entries WHERE (copy, host, path) IN (
                    SELECT copy, host, path FROM fleet_entries WHERE \(others) LIMIT \(portion))
                """,
                [shown]
            )
            return true
        }
        return false
    }

    /// Removes a part of all that there is, and returns whether there is more.
    ///
    /// What says that there is a copy goes first: a host that comes back meanwhile makes another one. Hosts go last, as
    /// each row has one.
    static func leave(in db: Database) throws -> Bool {
        try db.run("DELETE FROM fleet_copy")
        if try clear(in: db) { return true }
        try db.run(
            "DELETE FROM fleet_changes WHERE revision IN (SELECT revision FROM fleet_changes LIMIT \(portion))"
        )
        if db.changesCount > 0 { return true }
        try db.run("DELETE FROM fleet_hosts")
        return false
    }

    // MARK: Hosts

    /// Takes in all hosts of the fleet. Returns their numbers.
    static func put(_ hosts: [SharedHost], in db: Database) throws -> [HostID: Int64] {
        var numbers: [HostID: Int64] = [:]
        var isRenamed = false
        for host in hosts {
            let known = try db.row("SELECT number, name, forgotten FROM fleet_hosts WHERE host = ?", [host.host.text])
            if let known {
                numbers[host.host] = known[0]
                let isSame = known[1] as String == host.name
                if isSame, known[2] as Bool == host.isForgotten { continue }
                isRenamed = isRenamed || !isSame
                try db.run(
                    "UPDATE fleet_hosts SET name = ?, forgotten = ? WHERE number = ?",
                    [host.name, host.isForgotten, known[0] as Int64]
                )
            } else {
                try db.run(
                    "INSERT INTO fleet_hosts (host, name, forgotten) VALUES (?, ?, ?)",
                    [host.host.text, host.name, host.isForgotten]
                )
                numbers[host.host] = db.lastInsertedRowID
            }
        }
        // Both files name the host by its former name.
        if isRenamed { try db.run("UPDATE fleet_copy SET numbering = numbering + 1") }
        return numbers
    }

    /// Forgets all other hosts: they are of another fleet.
    static func keep(_ hosts: [SharedHost], in db: Database) throws {
        let kept = Set(hosts.map(\.host.text))
        for row in try db.rows("SELECT number, host FROM fleet_hosts") where !kept.contains(row[1]) {
            try db.run("DELETE FROM fleet_hosts WHERE number = ?", [row[0] as Int64])
        }
    }

    /// The names of all hosts by their numbers, in the order of the names. `withForgotten`: those that were
    /// taken out, too.
    static func names(withForgotten: Bool, in db: Database) throws -> [(number: Int64, name: String)] {
        try db.rows(
            "SELECT number, name FROM fleet_hosts WHERE ? OR NOT forgotten ORDER BY name, number",
            [withForgotten]
        ).map { (number: $0[0], name: $0[1]) }
    }

    // MARK: Entries

    static func put(
        _ content: ManifestRow.Content,
        at path: FilePath,
        of host: Int64,
        account: String?,
        in copy: Int64,
        _ db: Database
    ) throws {
        let (isRejected, revision, digest): (Bool, Int64, [UInt8]?) =
            switch content {
            case .entry(let entry): (false, entry.revision, entry.sha256.bytes)
            case .rejected(let rejection): (true, rejection.revision, nil)
            }
        try db.run(
            """
            INSERT OR REPLACE INTO fleet_entries (copy, host, path, revision, rejected, content, account, sha256)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [copy, host, path.blob, revision, isRejected, content.exactJSON, account, digest]
        )
    }

    static func remove(_ path: FilePath, of host: Int64, in copy: Int64, _ db: Database) throws {
        try db.run("DELETE FROM fleet_entries WHERE copy = ? AND host = ? AND path = ?", [copy, host, path.blob])
    }

    static func content(of path: FilePath, of host: Int64, in copy: Int64, _ db: Database) throws
        -> ManifestRow.Content?
    {
        try db.row(
            "SELECT content FROM fleet_entries WHERE copy = ? AND host = ? AND path = ?",
            [copy, host, path.blob]
        ).map { try content($0[0]) }
    }

    static func content(_ text: String) throws -> ManifestRow.Content {
        guard let content = ManifestRow.Content(exactJSON: text) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row of the fleet without content")
        }
        return content
    }

    /// The entries of a content that is known to be up, with their hosts' names, oldest first.
    static func entries(account: String, _ sha256: SHA256Digest, in db: Database) throws
        -> [(entry: ManifestEntry, host: String)]
    {
        try db.rows(
            """
            SELECT e.content, h.name FROM fleet_entries e JOIN fleet_hosts h ON h.number = e.host
            WHERE e.account = ? AND e.sha256 = ? AND e.copy = ? ORDER BY e.revision
            """,
            [account, sha256.bytes, try shown(in: db)]
        ).compactMap { row in
            guard case .entry(let entry) = try content(row[0]) else { return nil }
            return (entry, row[1])
        }
    }
}
