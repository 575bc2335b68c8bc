import SystemPackage

extension Pipeline {
    /// How often a look is made that is refused for a rate limit. Before the next one, the pace waits for its end.
    private static var looksAtMost: Int { 3 }

    /// Looks whether the provider still has the asset that a path shows. Nil if the path shows none.
    ///
    /// The look waits for the account's pace, and goes out under the key of the account that has the asset, or not at
    /// all. It changes nothing at the provider and in the ledger. What it shows of the account counts as what any
    /// request shows.
    ///
    /// - Throws: `CancellationError`, and the ledger's errors.
    package func look(atAssetOf path: FilePath) async throws -> AssetLook? {
        let accounts = roster.plan.accounts.map(\.configured)
        guard let asset = try await ledger.shownAsset(at: path, accounts) else { return nil }
        return AssetLook(
            id: asset.receipt.id ?? "",
            provider: asset.provider,
            account: asset.asker ?? asset.account,
            recorded: asset.receipt.status,
            finding: try await look(at: asset, accounts.map(\.name))
        )
    }

    private func look(at asset: ShownAsset, _ names: [String]) async throws -> AssetLook.Finding {
        guard let name = asset.asker, let lane = roster.lane(of: name) else {
            return .unasked(
                names.contains(asset.account)
                    ? "account \(asset.account) is another one now, or no answer has shown yet that its new key is the "
                        + "same owner's"
                    : "account \(asset.account) is not in the configuration"
            )
        }
        if let reason = lane.provider.hindrance(toLookFor: asset.receipt) { return .unasked(reason) }
        var number = 0
        while true {
            number += 1
            if let reason = await lane.lookHindrance { return .unknown(reason, isOfAccount: true) }
            do {
                switch try await lane.provider.presence(of: asset.receipt) {
                case .there(let status): return .there(status)
                case .gone: return .gone
                case .untold(let reason): return .unknown(reason, isOfAccount: false)
                }
            } catch let error as ProviderError {
                switch error.kind {
                case .cancelled: throw CancellationError()
                case .throttled where number < Self.looksAtMost: continue
                case let kind:
                    return .unknown("\(error)", isOfAccount: AccountGate<Time.Instant>.blocks(kind))
                }
            }
        }
    }
}
