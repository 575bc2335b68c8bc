import FoundationEssentials
import GRDB
import Pipeline
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
        for entry in record.assets {
            let holder = try AccountsTable.holder(ofName: entry.account, provider: entry.provider, in: db)
            try keep(entry, of: holder, at: time, in: db)
        }
        for row in record.rows.values.sorted(by: { $0.revision < $1.revision }) {
            switch row.content {
            case .entry(let entry):
                try show(row, asset: try asset(of: entry, in: db), at: time, entry: entry, in: db)
            case .rejected(let rejection):
                try show(row, rejection, at: time, in: db)
            }
        }
        try db.run("UPDATE counters SET value = ? WHERE name = 'revision'", [record.revision])
    }

    /// Keeps the asset of an entry. An asset that is being processed is looked at again at once.
    static func keep(_ entry: ManifestEntry, of holder: Int64, at time: Timestamp, in db: Database) throws {
        let receipt = entry.receipt
        let content: StatementArguments = [
            entry.provider, entry.account, entry.bytes, Data(entry.sha256.bytes), entry.mimeType.rawValue,
            entry.kind.rawValue, entry.uploadedAt.milliseconds,
        ]
        try db.run(
            """
            INSERT INTO assets (
                provider, account, size, sha256, mime, kind, uploaded, holder, \(AssetsTable.receiptColumns), next_look,
                claimed
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
            """,
            content + [
                holder,
                receipt.assetURN, receipt.mediaID, receipt.publicURL, try JSONColumn.text(receipt.recipes),
                receipt.status.rawValue, receipt.status == .processing ? time.milliseconds : nil,
            ]
        )
    }

    /// The asset that was kept for this entry, or for a newer entry that shows it too.
    private static func asset(of entry: ManifestEntry, in db: Database) throws -> Int64 {
        let row = try db.row(
            """
            SELECT id FROM assets WHERE holder = ? AND size = ? AND sha256 = ?
            AND asset_urn IS ? AND media_id IS ? AND public_url IS ?
            """,
            [
                try AccountsTable.holder(ofName: entry.account, provider: entry.provider, in: db),
                entry.bytes, Data(entry.sha256.bytes), entry.receipt.assetURN, entry.receipt.mediaID,
                entry.receipt.publicURL,
            ]
        )
        guard let row else { throw LedgerError(.unknownAsset, "the manifest shows an asset that was not kept") }
        return row[0]
    }

    private static func show(
        _ row: ManifestRow,
        asset: Int64,
        at time: Timestamp,
        entry: ManifestEntry,
        in db: Database
    ) throws {
        let standing = ManifestTable.Standing(
            folder: entry.folder,
            asset: asset,
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
        let record = file(row, folder: entry.folder, account: entry.account, .uploaded, "", time)
        try FilesTable.put(record, entered: try db.next("entered"), in: db)
        let holder = try AccountsTable.holder(ofName: entry.account, provider: entry.provider, in: db)
        try FilesTable.setHolder(holder, of: row.path, in: db)
    }

    private static func show(
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
    static func file(
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
