import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage

extension ManifestTable {
    /// Records what the path's row says now, under the row's new revision.
    static func record(
        _ event: ManifestChange.Event,
        of path: FilePath,
        movedFrom: FilePath? = nil,
        in db: Database
    ) throws {
        guard let row = try row(of: path, in: db) else { return }
        try db.run(
            "INSERT INTO changes (revision, event, path, moved_from, content) VALUES (?, ?, ?, ?, ?)",
            [
                row.revision, event.rawValue, path.blob, movedFrom?.blob,
                try JSONColumn.text(StoredContent(row.content, shown: row.shown)),
            ]
        )
    }

    static func changes(after revision: Int64, limit: Int, in db: Database) throws -> [ManifestChange] {
        try db.rows(
            "SELECT event, path, moved_from, content, revision FROM changes WHERE revision > ? ORDER BY revision LIMIT ?",
            [revision, limit]
        ).map { row in
            let stored = try JSONColumn.value(StoredContent.self, row[3])
            let movedFrom: Data? = row[2]
            return ManifestChange(
                event: try ManifestChange.Event(column: row[0]),
                row: ManifestRow(
                    path: FilePath(blob: row[1]),
                    content: try stored.content(revision: row[4]),
                    shown: stored.shown
                ),
                movedFrom: movedFrom.map(FilePath.init(blob:))
            )
        }
    }

    static func oldestChange(in db: Database) throws -> Int64? {
        try db.row("SELECT min(revision) FROM changes")?[0]
    }

    static func pruneChanges(through revision: Int64, in db: Database) throws {
        try db.run("DELETE FROM changes WHERE revision <= ?", [revision])
    }
}

/// A manifest row's content as a change keeps it. The asset may change later; the change does not.
private struct StoredContent: Codable {
    let shown: Bool
    let folder: String?
    let entry: Entry?
    let rejected: Rejected?

    struct Entry: Codable {
        let kind: MediaKind
        let mimeType: MIMEType
        let bytes: Int64
        let sha256: Data
        let provider: String
        let account: String
        let receipt: Receipt
        let present: Bool
        /// The path's bytes.
        let movedTo: Data?
        let uploadedAt: Timestamp
    }

    struct Rejected: Codable {
        let rejection: Rejection
        let at: Timestamp
    }

    init(_ content: ManifestRow.Content, shown: Bool) {
        self.shown = shown
        switch content {
        case .entry(let entry):
            folder = entry.folder
            rejected = nil
            self.entry = Entry(
                kind: entry.kind,
                mimeType: entry.mimeType,
                bytes: entry.bytes,
                sha256: Data(entry.sha256.bytes),
                provider: entry.provider,
                account: entry.account,
                receipt: entry.receipt,
                present: entry.present,
                movedTo: entry.movedTo?.blob,
                uploadedAt: entry.uploadedAt
            )
        case .rejected(let rejection):
            folder = rejection.folder
            entry = nil
            rejected = Rejected(rejection: rejection.rejection, at: rejection.at)
        }
    }

    func content(revision: Int64) throws -> ManifestRow.Content {
        if let entry {
            return .entry(
                ManifestEntry(
                    folder: folder,
                    kind: entry.kind,
                    mimeType: entry.mimeType,
                    bytes: entry.bytes,
                    sha256: SHA256Digest(bytes: [UInt8](entry.sha256)),
                    provider: entry.provider,
                    account: entry.account,
                    receipt: entry.receipt,
                    present: entry.present,
                    movedTo: entry.movedTo.map(FilePath.init(blob:)),
                    uploadedAt: entry.uploadedAt,
                    revision: revision
                )
            )
        }
        guard let rejected else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a change without content")
        }
        return .rejected(
            ManifestRejection(folder: folder, rejection: rejected.rejection, at: rejected.at, revision: revision)
        )
    }
}
