import FoundationEssentials

/// Postbreeze's `mediaAsset`, as its API shows it.
struct MediaAsset: Sendable, Codable {
    let id: String
    let ownerUserId: String
    let folderId: String?
    let kind: SandboxKind
    let mimeType: String
    /// 0 if the request left it out and nothing has arrived.
    let bytes: Int64
    let storageKey: String
    let normalizationStatus: NormalizationStatus
    let publicUrl: String
    let createdAt: Date
    let updatedAt: Date

    init(_ asset: StoredAsset, owner: String, publicURL: String, normalisingFor duration: Duration, now: Date) {
        id = asset.id
        ownerUserId = owner
        folderId = asset.folderId
        kind = asset.kind
        mimeType = asset.type
        bytes = asset.arrival?.bytes ?? asset.declaredBytes ?? 0
        storageKey = String(asset.publicPath.dropFirst())
        normalizationStatus = NormalizationStatus(
            asset.kind,
            sinceArrival: asset.arrival.map { now.timeIntervalSince($0.at) },
            takes: duration.inSeconds
        )
        publicUrl = publicURL
        createdAt = asset.askedAt
        updatedAt = asset.arrival?.at ?? asset.askedAt
    }
}

/// How far Postbreeze's own processing of an asset is.
enum NormalizationStatus: String, Sendable, Codable {
    case pending = "PENDING"
    case processing = "PROCESSING"
    case done = "DONE"
    case skipped = "SKIPPED"

    /// Videos and PDFs are skipped at once. Images and GIFs go through all other states.
    ///
    /// - Parameters:
    ///   - seconds: since the asset's bytes arrived; nil before.
    ///   - duration: of the whole processing, in seconds; its first half is `pending`.
    init(_ kind: SandboxKind, sinceArrival seconds: Double?, takes duration: Double) {
        switch kind {
        case .video, .document: self = .skipped
        case .image, .gif:
            guard let seconds else {
                self = .pending
                return
            }
            self = seconds >= duration ? .done : seconds >= duration / 2 ? .processing : .pending
        }
    }
}
