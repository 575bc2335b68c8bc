import Pipeline

/// Which entry of a manifest is meant by a file's bytes, of all that have them.
///
/// Several paths may show the same asset, and then any of them will do. Of several assets, a person has to say which
/// one is meant.
enum ContentChoice {
    case one(ManifestFile.Item)
    /// The names of the accounts, for `--account`.
    case accounts([String])
    /// Keys of a fleet's manifest, one for each asset, for `--fleet`.
    case files([String])
    case none

    /// What is asked for.
    struct Wish {
        /// The account by its name in this host's configuration, or in the fleet; nil for any of this host's.
        var account: String?
        /// The fleet's names of this host's accounts, by those of its configuration.
        var fleetNames: [String: String] = [:]
    }

    init(among items: [ManifestFile.Item], for wish: Wish) {
        let entries = items.filter { !$0.isRejected }
        let ofFleet = entries.filter { $0.host != nil }
        self = ofFleet.isEmpty ? Self.choice(ofOwn: entries, wish) : Self.choice(ofFleet: ofFleet, wish)
    }

    /// In this host's manifest, an account's name says which one it is.
    private static func choice(ofOwn entries: [ManifestFile.Item], _ wish: Wish) -> ContentChoice {
        let candidates = usable(entries.filter { wish.account == nil || $0.account == wish.account })
        let accounts = Set(candidates.compactMap(\.account))
        let isOne = accounts.count < 2 || Set(candidates.map(\.ids)).count < 2
        return isOne ? best(of: candidates) : .accounts(accounts.sorted())
    }

    /// In the manifest of a fleet, `account` is a name in another host's configuration, where it may be another
    /// account's. What all hosts share is the fleet's name.
    private static func choice(ofFleet entries: [ManifestFile.Item], _ wish: Wish) -> ContentChoice {
        let names = wish.account.map { [wish.fleetNames[$0] ?? $0] } ?? Array(wish.fleetNames.values)
        let shared = usable(entries.filter { $0.fleetAccount.map(names.contains) ?? false })
        // No asset of a shared account: perhaps one that no fleet shares.
        let others = usable(
            entries.filter { wish.account == nil || $0.fleetAccount == nil && $0.account == wish.account }
        )
        let candidates = shared.isEmpty ? others : shared
        let assets = Dictionary(grouping: candidates, by: \.ids)
        if assets.count < 2 { return best(of: candidates) }
        let accounts = Set(candidates.map(\.fleetAccount))
        // Each asset by its account, if that tells them apart.
        if accounts.count == assets.count, !accounts.contains(nil) {
            let own = Dictionary(wish.fleetNames.map { ($0.value, $0.key) }) { min($0, $1) }
            return .accounts(accounts.compactMap { name in name.map { own[$0] ?? $0 } }.sorted())
        }
        return .files(assets.values.compactMap { $0.map(\.key).min() }.sorted())
    }

    /// Those that can be used, as far as is known. If none can, all.
    private static func usable(_ entries: [ManifestFile.Item]) -> [ManifestFile.Item] {
        let usable = entries.filter { $0.field("status") != AssetStatus.failed.rawValue }
        return usable.isEmpty ? entries : usable
    }

    /// A file that is there, and then the newest word.
    private static func best(of candidates: [ManifestFile.Item]) -> ContentChoice {
        let best = candidates.max { ($0.isPresent ? 1 : 0, $0.revision) < ($1.isPresent ? 1 : 0, $1.revision) }
        return best.map { .one($0) } ?? .none
    }

    /// Whether the bytes are up, and can be used as far as is known.
    var isUsable: Bool {
        switch self {
        case .one(let item): item.field("status") != AssetStatus.failed.rawValue
        case .accounts, .files: true
        case .none: false
        }
    }
}

extension ManifestFile.Item {
    fileprivate var account: String? { fields?["account"]?.string }
    /// The fleet's name of the account, if the asset is the one that all hosts know of the account's content.
    fileprivate var fleetAccount: String? { fields?["fleetAccount"]?.string }
    fileprivate var isPresent: Bool { fields?["present"]?.bool == true }
    fileprivate var ids: [String?] { ["assetUrn", "mediaId", "publicUrl"].map { fields?[$0]?.string } }
}
