import Pipeline

/// Postbreeze's record of a file, as far as it is needed.
struct MediaAsset: Hashable, Sendable {
    /// `med_…`.
    let id: String?
    let publicURL: String?
    let status: AssetStatus
    /// The user whose account the key is of.
    let owner: String?

    init(_ json: JSON) {
        id = json["id"]?.text
        publicURL = json["publicUrl"]?.text
        status = Self.status(json["normalizationStatus"]?.text)
        owner = json["ownerUserId"]?.text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A post refuses what is `PENDING` or `PROCESSING`; `SKIPPED` is what needs no processing. New words are unknown.
    static func status(_ normalization: String?) -> AssetStatus {
        switch normalization?.uppercased() {
        case "PENDING", "PROCESSING": .processing
        case "DONE", "SKIPPED": .ready
        case "FAILED": .failed
        default: .unknown
        }
    }
}
