import Pipeline
import SystemPackage

/// An asset of this host for `outtray.contents`.
struct PublishedContent: Hashable, Sendable {
    let key: ContentKey
    let size: Int64
    let stored: StoredReceipt

    init(key: ContentKey, size: Int64, stored: StoredReceipt) {
        (self.key, self.size, self.stored) = (key, size, stored)
    }

    /// Nil if no fleet shares the entry's account. `accounts`: the fleet's names by the configuration's.
    init?(_ content: ManifestRow.Content, isOfAccount: Bool, accounts: [String: String]) {
        guard isOfAccount, case .entry(let entry) = content, let account = accounts[entry.account] else { return nil }
        key = ContentKey(account: account, sha256: entry.sha256)
        size = entry.bytes
        stored = StoredReceipt(entry.receipt, uploadedAt: entry.uploadedAt)
    }
}

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

/// What a run of changes leads to: the last word on each path.
struct FoldedChanges: Sendable {
    private(set) var shown: [FilePath: PublishedEntry] = [:]
    /// Paths that are not shown any more.
    private(set) var hidden: Set<FilePath> = []
    private(set) var contents: [PublishedContent] = []

    init(_ changes: [FleetChange], accounts: [String: String]) {
        var newest: [ContentKey: PublishedContent] = [:]
        for change in changes {
            let row = change.change.row
            if let moved = change.change.movedFrom { hide(moved) }
            if row.shown {
                shown[row.path] = PublishedEntry(row, change.change.event, accounts: accounts)
                hidden.remove(row.path)
            } else {
                hide(row.path)
            }
            let content = PublishedContent(row.content, isOfAccount: change.isOfAccount, accounts: accounts)
            if let content { newest[content.key] = content }
        }
        contents = Array(newest.values)
    }

    private mutating func hide(_ path: FilePath) {
        shown[path] = nil
        hidden.insert(path)
    }
}
