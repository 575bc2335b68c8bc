import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

/// Writes what the manifest told into the tables of a new ledger.
///
/// The manifest does not tell of uploads under way, attempts, and files that waited. These are lost. It does not tell
/// the versions of files either, so each file gets ``noVersion``. The next scan then looks at each file anew: the same
/// bytes take the known asset and change nothing. Rejected files are judged again. Files that left meanwhile are found
/// missing.
///
/// Accounts are known by name and provider alone. Their assets belong to the first target of the name.
enum Restoration {
    /// A version that no file has.
    static let noVersion = FileVersion(device: 0, inode: 0, size: -1, modified: .min, changed: .min)

    static func write(_ record: ManifestRecord, at time: Timestamp, in db: Database) throws {
        let assets = try keepAssets(of: record, newerThan: 0, at: time, in: db)
        for row in record.rows.values.sorted(by: { $0.revision < $1.revision }) {
            switch row.content {
            case .entry(let entry):
                guard let asset = assets[entry.assetKey] else {
                    throw LedgerError(.unknownAsset, "the manifest shows an asset that was not kept")
                }
                try show(row, entry, asset: asset, at: time, in: db)
            case .rejected(let rejection):
                try show(row, rejection, at: time, in: db)
            }
        }
        try db.run("UPDATE counters SET value = ? WHERE name = 'revision'", [record.revision])
    }

    /// An asset in the ledger: its number and its account.
    struct Asset {
        let id: Int64
        let holder: Int64
    }

    /// Keeps the assets of the manifest that the ledger does not know. Returns all that it knows then, by what the
    /// manifest tells of them. An asset that is known gets the status of an entry that is newer than `known`.
    static func keepAssets(
        of record: ManifestRecord,
        newerThan known: Int64,
        at time: Timestamp,
        in db: Database
    ) throws -> [ManifestEntry.AssetKey: Asset] {
        var assets: [ManifestEntry.AssetKey: Asset] = [:]
        try db.eachRow(
            "SELECT account, provider, size, sha256, id, holder, \(ReceiptColumns.list) FROM assets ORDER BY id"
        ) { row in
            let key = ManifestEntry.AssetKey(
                account: row[0],
                provider: row[1],
                bytes: row[2],
                sha256: SHA256Digest(bytes: row[3]),
                receipt: try ReceiptColumns.receipt(row, at: 6)
            )
            if let holder: Int64 = row[5] { assets[key] = Asset(id: row[4], holder: holder) }
            return true
        }
        for entry in record.assets {
            if let asset = assets[entry.assetKey] {
                if entry.revision > known { try setStatus(of: asset.id, as: entry, at: time, in: db) }
            } else {
                let holder = try AccountsTable.holder(meantBy: entry.account, provider: entry.provider, in: db)
                let id = try keep(entry, of: holder, at: time, in: db)
                assets[entry.assetKey] = Asset(id: id, holder: holder)
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

    /// Keeps the asset of an entry. An asset that is being processed is looked at again at once.
    private static func keep(_ entry: ManifestEntry, of holder: Int64, at time: Timestamp, in db: Database) throws
        -> Int64
    {
        let content = AssetsTable.Content(
            provider: entry.provider,
            account: entry.account,
            size: entry.bytes,
            sha256: entry.sha256,
            mime: entry.mimeType,
            kind: entry.kind,
            measure: entry.measure,
            receipt: entry.receipt,
            uploadedAt: entry.uploadedAt
        )
        return try AssetsTable.add(content, of: holder, firstLook: time, isClaimed: true, in: db)
    }

    /// Shows an entry. If the row shows another asset than before, its file gets ``noVersion``.
    static func show(
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
            sidecars: entry.sidecars,
            warnings: entry.warnings,
            in: db
        )
        guard standing.present else { return }
        // The next scan looks at each anew, and finds those that left meanwhile.
        for name in entry.sidecars {
            try SidecarsTable.put(row.path.removingLastComponent().appending(name), noVersion, in: db)
        }
        // Only its status changed, or its folder's name.
        let state = try FilesTable.record(of: row.path, in: db)?.state
        if before?.asset == asset.id, before?.shown == true, state == .uploaded { return }
        let record = file(row, folder: entry.folder, account: entry.account, .uploaded, "", time)
        try FilesTable.put(record, entered: try db.next("entered"), in: db)
        try FilesTable.setHolder(asset.holder, of: row.path, in: db)
    }

    static func show(
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

    /// A file in this state, in ``noVersion``.
    private static func file(
        _ row: ManifestRow,
        folder: String?,
        account: String?,
        _ state: FileState,
        _ reason: String,
        _ time: Timestamp
    ) -> FileRecord {
        FileRecord(
            path: row.path,
            folder: folder,
            account: account,
            state: state,
            reason: reason,
            version: noVersion,
            attempts: 0,
            due: nil,
            updatedAt: time
        )
    }
}
