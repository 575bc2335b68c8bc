import Pipeline

/// Postbreeze's record of a file: the fields that are needed here.
struct MediaAsset: Hashable, Sendable {
    /// Such as `med_…`.
    let id: String?
    let publicURL: String?
    let status: AssetStatus
    /// The user who owns the key's account.
    let owner: String?

    init(_ json: JSON) {
        id = json["id"]?.text
        publicURL = json["publicUrl"]?.text
        status = Self.status(json["normalizationStatus"]?.text)
        owner = json["ownerUserId"]?.text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Maps `normalizationStatus`. A post refuses `PENDING` and `PROCESSING`; `SKIPPED` means no processing was needed.
    /// Unknown words read as unknown.
    static func status(_ normalization: String?) -> AssetStatus {
        switch normalization?.uppercased() {
        case "PENDING", "PROCESSING": .processing
        case "DONE", "SKIPPED": .ready
        case "FAILED": .failed
        default: .unknown
        }
    }
}
