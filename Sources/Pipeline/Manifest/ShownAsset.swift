/// An asset that a path's entry showed, or shows, and since when.
package struct ShownAsset: Hashable, Sendable {
    /// The revision with which the entry came to show it.
    package let revision: Int64
    /// When that was; of what was known before histories were kept, when it was uploaded.
    package let since: Timestamp
    package let provider: String
    package let account: String
    /// In bytes.
    package let size: Int64
    package let sha256: SHA256Digest
    /// With the status the asset has now.
    package let receipt: Receipt

    package init(
        revision: Int64,
        since: Timestamp,
        provider: String,
        account: String,
        size: Int64,
        sha256: SHA256Digest,
        receipt: Receipt
    ) {
        self.revision = revision
        self.since = since
        self.provider = provider
        self.account = account
        self.size = size
        self.sha256 = sha256
        self.receipt = receipt
    }
}
