import GRDB
import Pipeline
import SystemPackage

extension FleetCopyTable {
    /// Applies changes to a copy, in order, and keeps a line of each for the journal.
    static func apply(
        _ changes: [SharedChange],
        _ numbers: [HostID: Int64],
        to copy: Int64,
        in db: Database
    ) throws {
        for change in changes {
            guard let host = numbers[change.host] else { continue }
            let before = try content(of: change.path, of: host, in: copy, db)
            // What was never shown here needs no word that it is gone.
            guard let content = change.content ?? before?.left(at: change.revision) else { continue }
            if let moved = change.movedFrom { try remove(moved, of: host, in: copy, db) }
            if change.hides(content) {
                try remove(change.path, of: host, in: copy, db)
            } else {
                try put(content, at: change.path, of: host, account: change.account, in: copy, db)
            }
            let isRejection = if case .rejected = content { true } else { false }
            // A rejection is not forgotten: it is removed.
            let event = isRejection && change.event == .forgotten ? .removed : change.event
            try db.run(
                """
                INSERT OR REPLACE INTO fleet_changes (revision, event, host, path, moved_from, content)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                [
                    change.revision, event.rawValue, host, change.path.blob, change.movedFrom?.blob, content.exactJSON,
                ]
            )
        }
    }

    static func changes(after revision: Int64, limit: Int, in db: Database) throws -> [ManifestChange] {
        let names = Dictionary(try names(withForgotten: true, in: db).map { ($0.number, $0.name) }) { $1 }
        return try db.rows(
            """
            SELECT event, host, path, moved_from, content FROM fleet_changes WHERE revision > ? ORDER BY revision LIMIT ?
            """,
            [revision, limit]
        ).map { row in
            let movedFrom: [UInt8]? = row[3]
            return ManifestChange(
                event: try ManifestChange.Event(column: row[0]),
                path: FilePath(blob: row[2]),
                content: try content(row[4]),
                movedFrom: movedFrom.map(FilePath.init(blob:)),
                host: names[row[1]]
            )
        }
    }

    static func oldestChange(in db: Database) throws -> Int64? {
        try db.row("SELECT min(revision) FROM fleet_changes")?[0]
    }

    static func pruneChanges(through revision: Int64, in db: Database) throws {
        try db.run("DELETE FROM fleet_changes WHERE revision <= ?", [revision])
    }

    // MARK: The two files

    static func count(in db: Database) throws -> Int {
        try db.row("SELECT count(*) FROM fleet_entries WHERE copy = ?", [try shown(in: db)])?[0] ?? 0
    }

    /// Gives `body` one row at a time. None is kept, and none is sorted: indexes have both orders.
    static func walk(by order: ManifestOrder, in db: Database, _ body: (ManifestRow) throws -> Void) throws {
        let copy = try shown(in: db)
        let hosts = try names(withForgotten: false, in: db)
        switch order {
        case .section:
            for isRejected in [false, true] {
                for host in hosts {
                    try db.eachRow(
                        """
                        SELECT path, content, account FROM fleet_entries WHERE copy = ? AND host = ? AND rejected = ?
                        ORDER BY path
                        """,
                        [copy, host.number, isRejected]
                    ) { row in
                        try body(try manifestRow(row[0], row[1], row[2], of: host.name))
                        return true
                    }
                }
            }
        case .revision:
            let names = Dictionary(hosts.map { ($0.number, $0.name) }) { $1 }
            try db.eachRow(
                "SELECT path, content, account, host FROM fleet_entries WHERE copy = ? ORDER BY revision",
                [copy]
            ) { row in
                // A host that was taken out is shown no more.
                guard let name = names[row[3]] else { return true }
                try body(try manifestRow(row[0], row[1], row[2], of: name))
                return true
            }
        }
    }

    private static func manifestRow(_ path: [UInt8], _ text: String, _ account: String?, of host: String) throws
        -> ManifestRow
    {
        var row = ManifestRow(path: FilePath(blob: path), content: try content(text), host: host)
        row.fleetAccount = account
        return row
    }

    static func numbering(in db: Database) throws -> ManifestNumbering {
        try db.row("SELECT numbering, journal FROM fleet_copy").map { row in
            ManifestNumbering(now: row[0], ofJournal: row[1])
        } ?? ManifestNumbering()
    }

    static func noteJournal(of numbering: Int64, in db: Database) throws {
        try db.run("UPDATE fleet_copy SET journal = ?", [numbering])
    }

    static func published(in db: Database) throws -> PublishedFiles? {
        guard let text: String = try db.row("SELECT published FROM fleet_copy")?[0] else { return nil }
        return try JSONColumn.value(PublishedFiles.self, text)
    }

    static func note(_ files: PublishedFiles, in db: Database) throws {
        try db.run("UPDATE fleet_copy SET published = ?", [try JSONColumn.text(files)])
    }
}

extension ManifestRow.Content {
    /// The last word on a path whose host was taken out of the fleet.
    fileprivate func left(at revision: Int64) -> Self {
        guard case .entry(var entry) = renumbered(revision) else { return renumbered(revision) }
        entry.present = false
        return .entry(entry)
    }
}
