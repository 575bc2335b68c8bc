import Pipeline

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
