import GRDB
import Pipeline
import SystemPackage

extension SQLiteLedger: FleetBook {
    package func host() async throws -> HostID {
        if let host = try await read({ try FleetTable.host(in: $0) }) { return host }
        return try await write { db in
            if let host = try FleetTable.host(in: db) { return host }
            let host = HostID()
            try FleetTable.put(host, in: db)
            return host
        }
    }

    package func renewHost() async throws -> HostID {
        try await write { db in
            let host = HostID()
            try FleetTable.put(host, in: db)
            return host
        }
    }

    package func owner(of account: ConfiguredAccount) async throws -> String? {
        try await read { db in
            guard let holder = try AccountsTable.find(account, in: db) else { return nil }
            return try db.row("SELECT owner FROM accounts WHERE id = ?", [holder])?[0]
        }
    }

    package func revisionOfFleet() async throws -> Int64? {
        try await read { try FleetTable.published(in: $0) }
    }

    package func noteRevisionOfFleet(_ revision: Int64?) async throws {
        // A host of no fleet has nothing to write.
        guard try await read({ try FleetTable.stored(in: $0) }) != revision else { return }
        try await write { try FleetTable.notePublished(revision, in: $0) }
    }

    package func leaveFleet() async throws -> Bool {
        guard try await read({ try FleetTable.hasRemains(in: $0) }) else { return false }
        return try await write { db in
            try FleetTable.notePublished(nil, in: db)
            return try FleetCopyTable.leave(in: db)
        }
    }

    package func keepChangesForFleet(after revision: Int64) async throws {
        try await write { try FleetTable.keep(after: revision, in: $0) }
    }

    package func changesForFleet(
        after revision: Int64,
        limit: Int,
        _ accounts: [ConfiguredAccount]
    ) async throws -> [FleetChange]? {
        try await read { db in
            let newest = try db.value(of: "revision")
            let oldest = try ManifestTable.oldestChange(in: db) ?? newest + 1
            guard oldest <= revision + 1 else { return nil }
            let owners = try Owners(accounts, in: db)
            return try ManifestTable.changes(after: revision, limit: limit, in: db).map { change in
                FleetChange(change, isOfAccount: try owners.have(change.row.content, in: db))
            }
        }
    }

    package func rowsForFleet(
        after path: FilePath?,
        limit: Int,
        _ accounts: [ConfiguredAccount]
    ) async throws -> FleetRows {
        try await read { db in
            let owners = try Owners(accounts, in: db)
            let rows = try ManifestTable.shownRows(after: path, limit: limit, in: db).map { row in
                (row: row, isOfAccount: try owners.have(row.content, in: db))
            }
            return FleetRows(rows, revision: try db.value(of: "revision"))
        }
    }
}

/// The accounts that the present configuration's names mean. An entry may show the asset of another account that had
/// the same name.
private struct Owners {
    private let holders: [String: Int64]

    init(_ accounts: [ConfiguredAccount], in db: Database) throws {
        holders = try accounts.reduce(into: [:]) { $0[$1.name] = try AccountsTable.find($1, in: db) }
    }

    /// Whether the asset of an entry is one of its account.
    func have(_ content: ManifestRow.Content, in db: Database) throws -> Bool {
        guard case .entry(let entry) = content, let holder = holders[entry.account] else { return false }
        return try AssetsTable.has(entry.receipt, of: holder, size: entry.bytes, entry.sha256, in: db)
    }
}
