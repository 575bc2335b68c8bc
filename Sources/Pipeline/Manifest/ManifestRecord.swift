import SystemPackage

/// The content of the manifest's two files, read back. A lost ledger is rebuilt from it.
///
/// A value, so that its rules are tested without files; ``init(reading:)`` reads the files.
package struct ManifestRecord: Sendable {
    /// Each path after its last change, shown or not.
    package private(set) var rows: [FilePath: ManifestRow] = [:]
    private var newest: [ManifestEntry.AssetKey: ManifestEntry] = [:]
    /// The highest revision in either file.
    package internal(set) var revision: Int64 = 0
    /// How many journal lines and snapshot members were left out because Outtray did not write them so.
    package internal(set) var unreadable = 0

    /// Each asset by the newest entry that shows or showed it, in order of revision.
    package var assets: [ManifestEntry] { newest.values.sorted { $0.revision < $1.revision } }

    /// Applies the journal's lines in order of revision. Then, for each path, takes the snapshot's row if its revision
    /// is higher.
    package init(journal: [ManifestChange], snapshot: ManifestSnapshot? = nil) {
        var last: ManifestChange?
        for change in journal.sorted(by: { $0.revision < $1.revision }) {
            apply(change, after: last)
            last = change
        }
        if let snapshot { apply(snapshot) }
    }

    private mutating func apply(_ change: ManifestChange, after last: ManifestChange?) {
        revision = max(revision, change.revision)
        // In a replaced journal, a rename is two lines of one revision. The old path is `removed`, and no longer shown.
        if let last, last.revision == change.revision, last.event == .removed { hide(last.row.path) }
        if let movedFrom = change.movedFrom { leave(movedFrom, at: change.revision) }
        put(change.row)
    }

    private mutating func apply(_ snapshot: ManifestSnapshot) {
        revision = max(revision, snapshot.revision)
        for row in snapshot.rows where row.revision > rows[row.path]?.revision ?? -1 { put(row) }
        // A path that a replaced journal calls `removed` may be shown as not present, or not at all. The snapshot
        // tells.
        guard snapshot.unreadable == 0 else { return }
        let shown = Set(snapshot.rows.map(\.path))
        for (path, row) in rows where row.revision <= snapshot.revision && !shown.contains(path) { hide(path) }
    }

    private mutating func put(_ row: ManifestRow) {
        rows[row.path] = row
        guard case .entry(let entry) = row.content else { return }
        newest[entry.assetKey] = entry
    }

    private mutating func hide(_ path: FilePath) {
        guard let row = rows[path] else { return }
        rows[path] = ManifestRow(path: path, content: row.content, shown: false)
    }

    /// The entry moved to another path with this revision.
    private mutating func leave(_ path: FilePath, at revision: Int64) {
        guard case .entry(var entry)? = rows[path]?.content else { return }
        entry.present = false
        entry.revision = revision
        rows[path] = ManifestRow(path: path, content: .entry(entry), shown: false)
    }
}

/// The content of `manifest.json`.
package struct ManifestSnapshot: Sendable {
    package let revision: Int64
    package let rows: [ManifestRow]
    /// How many members Outtray did not write so.
    package let unreadable: Int

    package init(revision: Int64, rows: [ManifestRow], unreadable: Int = 0) {
        self.revision = revision
        self.rows = rows
        self.unreadable = unreadable
    }
}

extension ManifestEntry {
    /// One asset: the same bytes at one account, under the same ids.
    package struct AssetKey: Hashable, Sendable {
        private let account: String
        private let provider: String
        private let bytes: Int64
        private let sha256: SHA256Digest
        private let ids: [String?]

        package init(account: String, provider: String, bytes: Int64, sha256: SHA256Digest, receipt: Receipt) {
            self.account = account
            self.provider = provider
            self.bytes = bytes
            self.sha256 = sha256
            ids = [receipt.assetURN, receipt.mediaID, receipt.publicURL]
        }
    }

    package var assetKey: AssetKey {
        AssetKey(account: account, provider: provider, bytes: bytes, sha256: sha256, receipt: receipt)
    }
}
