/// The ids by which a provider knows an uploaded file. The manifest shows them.
package struct Receipt: Hashable, Sendable, Codable {
    /// ConnectSafely's `urn:li:digitalmediaAsset:…`.
    package var assetURN: String?
    /// Postbreeze's `med_…`.
    package var mediaID: String?
    package var publicURL: String?
    /// ConnectSafely's recipes; a later post of a video or document needs them.
    package var recipes: [String]
    package var status: AssetStatus

    package init(
        assetURN: String? = nil,
        mediaID: String? = nil,
        publicURL: String? = nil,
        recipes: [String] = [],
        status: AssetStatus
    ) {
        self.assetURN = assetURN
        self.mediaID = mediaID
        self.publicURL = publicURL
        self.recipes = recipes
        self.status = status
    }
}

extension Receipt {
    /// The fields of a receipt, each with one name. The manifest shows them, and the ledger has a column for each.
    package static let fields: [FieldCodec<Receipt>] = [
        .text("assetUrn", \.assetURN),
        .text("mediaId", \.mediaID),
        .text("publicUrl", \.publicURL),
        .texts("recipes", \.recipes),
        .word("status", \.status),
    ]
}

extension Receipt {
    /// Whether both are of one asset, whatever its status is.
    package func names(sameAssetAs other: Receipt) -> Bool {
        assetURN == other.assetURN && mediaID == other.mediaID && publicURL == other.publicURL
    }
}

/// Whether a post may use the asset yet. The raw values are the manifest's.
package enum AssetStatus: String, Sendable, Codable, CaseIterable {
    /// The provider says that the asset is not usable yet.
    case processing
    case ready
    /// The provider could not process the asset.
    case failed
    /// The provider does not tell.
    case unknown
}
