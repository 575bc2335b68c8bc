/// An asset that its provider has taken but not yet made usable.
package struct ProcessingAsset: Hashable, Sendable {
    /// The ledger's own number.
    package let id: Int64
    package let sha256: SHA256Digest
    package let receipt: Receipt
    package let uploadedAt: Timestamp
    /// How many looks it has had.
    package let looks: Int

    package init(id: Int64, sha256: SHA256Digest, receipt: Receipt, uploadedAt: Timestamp, looks: Int) {
        self.id = id
        self.sha256 = sha256
        self.receipt = receipt
        self.uploadedAt = uploadedAt
        self.looks = looks
    }
}
