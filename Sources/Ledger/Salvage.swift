import GRDB
import Pipeline
import SystemPackage

/// What a damaged ledger still tells, and no manifest has. Each part is read by itself; nil if it cannot be read.
package struct Salvage: Sendable {
    /// When each folder was first watched.
    package var firstLooks: [FolderLook]?
    /// What people have paused.
    package var pauses: [Pause]?
    /// Who this host is in its fleet, in a list of at most one.
    package var hosts: [HostID]?

    package struct FolderLook: Sendable {
        let folder: FilePath
        let look: FirstLook
    }

    init() {}

    init(from db: Database) {
        firstLooks = Self.rows(of: "first_looks", in: db) {
            try FirstLooksTable.all(in: $0).map { FolderLook(folder: $0.folder, look: $0.look) }
        }
        pauses = Self.rows(of: "pauses", in: db) { try PausesTable.all(in: $0) }
        hosts = Self.rows(of: "fleet", in: db) { try FleetTable.host(in: $0).map { [$0] } ?? [] }
    }

    /// A ledger that is older than the table has none of its rows.
    private static func rows<Row>(of table: String, in db: Database, _ read: (Database) throws -> [Row]) -> [Row]? {
        do {
            let isThere = try db.row("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", [table]) != nil
            return isThere ? try read(db) : []
        } catch {
            return nil
        }
    }

    /// Puts it into a new ledger. To its fleet, the host has told nothing of that.
    func put(in db: Database) throws {
        for look in firstLooks ?? [] { try FirstLooksTable.reopen(look.folder, look.look, in: db) }
        for pause in pauses ?? [] { try PausesTable.put(pause, in: db) }
        for host in hosts ?? [] { try FleetTable.put(host, in: db) }
    }
}
