import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

/// What a repair of an old ledger did.
package struct TakenUp: Hashable, Sendable {
    /// Entries that the ledger did not know, or not so.
    package internal(set) var entries = 0
    package internal(set) var rejected = 0
    /// Paths that the ledger shows and the manifest does not, or not so. They have new revisions.
    package internal(set) var toldAnew = 0
    /// The newest revision from now on.
    package internal(set) var revision: Int64 = 0
}

// An old ledger beside a newer manifest: a state directory that was put back from a copy.

extension Restoration {
    /// Takes up what the manifest tells and the ledger does not know. Everything else in the ledger stays.
    ///
    /// - For each path, the row with the higher revision counts.
    /// - Assets that the ledger has already keep their account. New ones go to the account that their name means, if it
    ///   has the same provider.
    /// - A file whose row is taken up gets ``noVersion``, so that the next scan looks at it.
    /// - What the ledger shows and the manifest does not, or not so, gets new revisions. Revisions go on above the
    ///   newest of either side, so no published one comes twice.
    static func takeUp(_ record: ManifestRecord, at time: Timestamp, in db: Database) throws -> TakenUp {
        var result = TakenUp()
        let known = try db.value(of: "revision")
        let newest = max(known, record.revision)
        let assets = try takeUpAssets(of: record, newerThan: known, at: time, in: db)
        for row in record.rows.values.sorted(by: { $0.revision < $1.revision }) where try isNews(row, in: db) {
            switch row.content {
            case .entry(let entry):
                guard let asset = assets[entry.assetKey] else { continue }
                try takeUp(row, entry, asset: asset, at: time, in: db)
                result.entries += 1
            case .rejected(let rejection):
                try takeUp(row, rejection, at: time, in: db)
                result.rejected += 1
            }
        }
        // The journal has these changes, or is replaced by one that needs none of them.
        try db.run("DELETE FROM changes WHERE revision <= ?", [newest])
        try db.run("UPDATE counters SET value = ? WHERE name = 'revision'", [newest])
        result.toldAnew = try tellAnew(besides: record, in: db)
        result.revision = try db.value(of: "revision")
        return result
    }

    /// An asset in the ledger: its number and its account.
    private struct Asset {
        let id: Int64
        let holder: Int64
    }

    /// All assets that the ledger knows after this, by what the manifest tells of them.
    private static func takeUpAssets(
        of record: ManifestRecord,
        newerThan known: Int64,
        at time: Timestamp,
        in db: Database
    ) throws -> [ManifestEntry.AssetKey: Asset] {
        var assets: [ManifestEntry.AssetKey: Asset] = [:]
        let cursor = try Row.fetchCursor(
            db,
            sql: """
                SELECT account, provider, size, sha256, id, holder, \(AssetsTable.receiptColumns) FROM assets ORDER BY id
                """
        )
        while let row = try cursor.next() {
            let key = ManifestEntry.AssetKey(
                account: row[0],
                provider: row[1],
                bytes: row[2],
                sha256: SHA256Digest(bytes: [UInt8](row[3] as Data)),
                receipt: try AssetsTable.receipt(row, at: 6)
            )
            if let holder: Int64 = row[5] { assets[key] = Asset(id: row[4], holder: holder) }
        }
        for entry in record.assets {
            if let asset = assets[entry.assetKey] {
                if entry.revision > known { try setStatus(of: asset.id, as: entry, at: time, in: db) }
            } else {
                let holder = try AccountsTable.holder(meantBy: entry.account, provider: entry.provider, in: db)
                try keep(entry, of: holder, at: time, in: db)
                assets[entry.assetKey] = Asset(id: db.lastInsertedRowID, holder: holder)
            }
        }
        return assets
    }

    private static func setStatus(of asset: Int64, as entry: ManifestEntry, at time: Timestamp, in db: Database) throws
    {
        let status = entry.receipt.status
        try db.run(
            "UPDATE assets SET status = ?, next_look = ? WHERE id = ? AND status <> ?",
            [status.rawValue, status == .processing ? time.milliseconds : nil, asset, status.rawValue]
        )
    }

    private static func isNews(_ row: ManifestRow, in db: Database) throws -> Bool {
        let known: Int64? = try db.row("SELECT revision FROM manifest WHERE path = ?", [row.path.blob])?[0]
        return row.revision > known ?? -1
    }

    private static func takeUp(
        _ row: ManifestRow,
        _ entry: ManifestEntry,
        asset: Asset,
        at time: Timestamp,
        in db: Database
    ) throws {
        let before = try ManifestTable.standing(of: row.path, in: db)
        let standing = ManifestTable.Standing(
            folder: entry.folder,
            asset: asset.id,
            rejection: nil,
            present: entry.present && row.shown,
            shown: row.shown
        )
        try ManifestTable.put(
            standing,
            at: row.path,
            revision: row.revision,
            time: nil,
            movedTo: entry.movedTo,
            in: db
        )
        guard standing.present else { return }
        // Only its status changed, or its folder's name.
        let state = try FilesTable.record(of: row.path, in: db)?.state
        if before?.asset == asset.id, before?.shown == true, state == .uploaded { return }
        let record = file(row, folder: entry.folder, account: entry.account, .uploaded, "", time)
        try FilesTable.put(record, entered: try db.next("entered"), in: db)
        try FilesTable.setHolder(asset.holder, of: row.path, in: db)
    }

    private static func takeUp(
        _ row: ManifestRow,
        _ rejection: ManifestRejection,
        at time: Timestamp,
        in db: Database
    ) throws {
        let standing = ManifestTable.Standing(
            folder: rejection.folder,
            asset: nil,
            rejection: rejection.rejection,
            present: row.shown,
            shown: row.shown
        )
        try ManifestTable.put(standing, at: row.path, revision: row.revision, time: rejection.at, in: db)
        guard row.shown else { return }
        let record = file(row, folder: rejection.folder, account: nil, .rejected, rejection.rejection.reason, time)
        try FilesTable.put(record, entered: try db.next("entered"), in: db)
    }

    /// Gives new revisions to what is shown otherwise than the manifest tells. Returns how many paths that are.
    private static func tellAnew(besides record: ManifestRecord, in db: Database) throws -> Int {
        var paths: [FilePath] = []
        try ManifestTable.walk(by: .section, in: db) { row in
            guard row.shown else { return }
            let told = record.rows[row.path]
            if told?.shown != true || told?.json != row.json { paths.append(row.path) }
        }
        for path in paths {
            try db.run("UPDATE manifest SET revision = ? WHERE path = ?", [try db.next("revision"), path.blob])
            guard let row = try ManifestTable.row(of: path, in: db) else { continue }
            try ManifestTable.record(row.standing, of: path, in: db)
        }
        return paths.count
    }
}
