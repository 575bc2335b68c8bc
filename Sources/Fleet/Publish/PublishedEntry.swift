import Pipeline
import SystemPackage

/// A path of this host as `outtray.entries` has it.
struct PublishedEntry: Sendable {
    let path: FilePath
    let folder: String?
    /// The fleet's name; the configuration's for an account that is not shared.
    let account: String?
    let sha256: SHA256Digest?
    let bytes: Int64?
    /// The fields of the manifest, with exact times.
    let content: String
    let isPresent: Bool
    let localRevision: Int64
    let event: ManifestChange.Event

    init(_ row: ManifestRow, _ event: ManifestChange.Event, accounts: [String: String]) {
        path = row.path
        content = row.content.exactJSON
        localRevision = row.revision
        self.event = event
        switch row.content {
        case .entry(let entry):
            folder = entry.folder
            account = accounts[entry.account] ?? entry.account
            sha256 = entry.sha256
            bytes = entry.bytes
            isPresent = entry.present
        case .rejected(let rejection):
            (folder, account, sha256, bytes, isPresent) = (rejection.folder, nil, nil, nil, true)
        }
    }
}
