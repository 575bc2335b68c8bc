import Pipeline

/// Which entry of the manifest is meant by a file's bytes, of all that have them.
///
/// Several paths may show the same asset, and then any of them will do. Several accounts have several assets: a person
/// has to say which one is meant.
enum ContentChoice {
    case one(ManifestFile.Item)
    /// The names of the accounts.
    case several([String])
    case none

    /// `account`: the one that is asked for.
    init(among items: [ManifestFile.Item], account: String? = nil) {
        let entries = items.filter { !$0.isRejected && (account == nil || $0.account == account) }
        let usable = entries.filter { $0.field("status") != AssetStatus.failed.rawValue }
        let candidates = usable.isEmpty ? entries : usable
        let accounts = Set(candidates.compactMap(\.account))
        if accounts.count > 1, Set(candidates.map(\.ids)).count > 1 {
            self = .several(accounts.sorted())
        } else {
            // A file that is there, and then the newest word.
            let best = candidates.max { ($0.isPresent ? 1 : 0, $0.revision) < ($1.isPresent ? 1 : 0, $1.revision) }
            self = best.map { .one($0) } ?? .none
        }
    }

    /// Whether the bytes are up, and can be used as far as is known.
    var isUsable: Bool {
        switch self {
        case .one(let item): item.field("status") != AssetStatus.failed.rawValue
        case .several: true
        case .none: false
        }
    }
}

extension ManifestFile.Item {
    fileprivate var account: String? { fields?["account"]?.string }
    fileprivate var isPresent: Bool { fields?["present"]?.bool == true }
    fileprivate var ids: [String?] { ["assetUrn", "mediaId", "publicUrl"].map { fields?[$0]?.string } }
}
