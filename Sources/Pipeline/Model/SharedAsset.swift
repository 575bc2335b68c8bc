/// An asset that some host of the fleet brought up.
package struct SharedAsset: Hashable, Sendable {
    package let receipt: Receipt
    /// The host that brought it up, by its name; nil if the host is not known any more.
    package let host: String?
    package let uploadedAt: Timestamp

    package init(receipt: Receipt, host: String?, uploadedAt: Timestamp) {
        self.receipt = receipt
        self.host = host
        self.uploadedAt = uploadedAt
    }
}
