import FoundationEssentials
import Pipeline
import SystemPackage

/// The content of a change as versions before the manifest's list of fields stored it.
///
/// A ledger has such a change only if its last writer ended before the journal had the change. This form is read and
/// no longer written, so no new field comes here.
struct FormerChange: Decodable {
    private let folder: String?
    private let entry: Entry?
    private let rejected: Rejected?

    private struct Entry: Decodable {
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

    private struct Rejected: Decodable {
        let rejection: Rejection
        let at: Timestamp
    }

    /// Nil for a text of another form.
    static func content(_ text: String, revision: Int64) -> ManifestRow.Content? {
        (try? JSONColumn.value(FormerChange.self, text))?.content(revision: revision)
    }

    private func content(revision: Int64) -> ManifestRow.Content? {
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
                    movedTo: entry.movedTo.map { FilePath(blob: [UInt8]($0)) },
                    uploadedAt: entry.uploadedAt,
                    revision: revision
                )
            )
        }
        return rejected.map { rejected in
            .rejected(
                ManifestRejection(folder: folder, rejection: rejected.rejection, at: rejected.at, revision: revision)
            )
        }
    }
}
