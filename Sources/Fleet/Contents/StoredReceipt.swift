import Pipeline

/// A receipt as `outtray.contents` has it: the fields of the manifest without the status, which has its own column, and
/// the time of the upload.
struct StoredReceipt: Hashable, Sendable {
    let receipt: Receipt
    let uploadedAt: Timestamp

    init(_ receipt: Receipt, uploadedAt: Timestamp) {
        self.receipt = receipt
        self.uploadedAt = uploadedAt
    }

    /// Nil for a text that no version wrote.
    init?(_ text: String, status: String?) {
        guard case .object(let members)? = try? JSONReader.value(of: Array(text.utf8)[...]),
            let milliseconds = members["uploadedAt"]?.int64
        else { return nil }
        let known = members + [JSON.Member("status", .string(status ?? AssetStatus.unknown.rawValue))]
        guard let receipt = Receipt.fields.filled(Receipt(status: .unknown), from: known) else { return nil }
        self.init(receipt, uploadedAt: Timestamp(milliseconds: milliseconds))
    }

    /// The condition that two receipts are of one asset, whatever else they say: the same ids. The arguments are
    /// expressions of type `jsonb`.
    static func areOfOneAsset(_ left: String, _ right: String) -> String {
        ["assetUrn", "mediaId", "publicUrl"].map { "\(left) ->> '\($0)' IS NOT DISTINCT FROM \(right) ->> '\($0)'" }
            .joined(separator: " AND ")
    }

    var text: String {
        let fields = Receipt.fields.fields(of: receipt, times: .milliseconds).filter { $0.name != "status" }
        return JSON.object(fields + [JSON.Member("uploadedAt", .integer(uploadedAt.milliseconds))]).json
    }
}
