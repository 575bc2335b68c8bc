import GRDB
import Pipeline
import SystemPackage

extension SQLiteLedger: FleetCopy {
    package func placeOfCopy() async throws -> FleetPlace? {
        try await read { try FleetCopyTable.place(in: $0) }
    }

    package func take(_ changes: [SharedChange], of hosts: [SharedHost], upTo place: FleetPlace) async throws {
        try await write { db in
            let copy = try FleetCopyTable.shown(in: db)
            let numbers = try FleetCopyTable.put(hosts, in: db)
            try FleetCopyTable.apply(changes, numbers, to: copy, in: db)
            try FleetCopyTable.note(place, in: db)
        }
    }

    package func beginCopy() async throws -> Int64 {
        try await read { try FleetCopyTable.next(in: $0) }
    }

    package func add(_ rows: [SharedRow], of hosts: [SharedHost], to copy: Int64) async throws {
        try await write { db in
            let numbers = try FleetCopyTable.put(hosts, in: db)
            for row in rows {
                guard let host = numbers[row.host] else { continue }
                try FleetCopyTable.put(row.content, at: row.path, of: host, account: row.account, in: copy, db)
            }
        }
    }

    package func show(_ copy: Int64, of hosts: [SharedHost], at place: FleetPlace) async throws {
        try await write { db in
            _ = try FleetCopyTable.put(hosts, in: db)
            try FleetCopyTable.keep(hosts, in: db)
            try FleetCopyTable.show(copy, at: place, in: db)
        }
    }

    package func clearCopies() async throws -> Bool {
        // A host with one copy has nothing to write.
        let isNeeded = try await read { db in
            let shown = try FleetCopyTable.shown(in: db)
            return try db.row(
                "SELECT 1 WHERE EXISTS (SELECT 1 FROM fleet_entries WHERE copy < ?1) OR EXISTS "
                    + "(SELECT 1 FROM fleet_entries WHERE copy > ?1)",
                [shown]
            ) != nil
        }
        guard isNeeded else { return false }
        return try await write { try FleetCopyTable.clear(in: $0) }
    }

    package func assetInCopy(account: String, _ sha256: SHA256Digest, size: Int64) async throws -> SharedAsset? {
        try await read { db in
            let known = try FleetCopyTable.entries(account: account, sha256, in: db).filter { $0.entry.bytes == size }
            let failed = known.filter { $0.entry.receipt.status == .failed }.map(\.entry.receipt)
            // One host may not have heard yet that the asset failed.
            let usable = known.filter { row in !failed.contains { $0.names(sameAssetAs: row.entry.receipt) } }
            let best = usable.first { $0.entry.receipt.status == .ready } ?? usable.first
            return best.map { found in
                SharedAsset(receipt: found.entry.receipt, host: found.host, uploadedAt: found.entry.uploadedAt)
            }
        }
    }

    package var manifestOfFleet: any ManifestSource { FleetManifest(ledger: self) }
}

/// The copy of what all hosts show, as the source of `fleet.json` and `fleet.ndjson`.
private struct FleetManifest: ManifestSource {
    let ledger: SQLiteLedger

    func revision() async throws -> Int64 {
        try await ledger.placeOfCopy()?.revision ?? 0
    }

    func changes(after revision: Int64, limit: Int) async throws -> [ManifestChange] {
        try await ledger.read { try FleetCopyTable.changes(after: revision, limit: limit, in: $0) }
    }

    func oldestChange() async throws -> Int64? {
        try await ledger.read { try FleetCopyTable.oldestChange(in: $0) }
    }

    func pruneChanges(through revision: Int64) async throws {
        try await ledger.write { try FleetCopyTable.pruneChanges(through: revision, in: $0) }
    }

    func snapshot(
        by order: ManifestOrder,
        start: @escaping @Sendable (Int64) throws -> Void,
        row: @escaping @Sendable (ManifestRow) throws -> Void
    ) async throws {
        try await ledger.read { db in
            try start(try FleetCopyTable.place(in: db)?.revision ?? 0)
            try FleetCopyTable.walk(by: order, in: db, row)
        }
    }

    func rowCount() async throws -> Int {
        try await ledger.read { try FleetCopyTable.count(in: $0) }
    }

    func numbering() async throws -> ManifestNumbering {
        try await ledger.read { try FleetCopyTable.numbering(in: $0) }
    }

    func noteJournal(of numbering: Int64) async throws {
        try await ledger.write { try FleetCopyTable.noteJournal(of: numbering, in: $0) }
    }

    func published() async throws -> PublishedFiles? {
        try await ledger.read { try FleetCopyTable.published(in: $0) }
    }

    func notePublished(_ files: PublishedFiles) async throws {
        try await ledger.write { try FleetCopyTable.note(files, in: $0) }
    }
}
