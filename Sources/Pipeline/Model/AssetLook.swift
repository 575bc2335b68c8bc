/// What a provider's answer says of an asset: is it still there?
package enum AssetPresence: Hashable, Sendable {
    case there(AssetStatus)
    /// The API itself says that it has no such asset.
    case gone
    /// The answer does not tell, for this reason.
    case untold(String)
}

/// What one look at the asset of a manifest's entry found.
package struct AssetLook: Hashable, Sendable {
    package enum Finding: Hashable, Sendable {
        case there(AssetStatus)
        /// The API itself says that it has no such asset.
        case gone
        /// It cannot be told now. `isOfAccount`: nor of any other asset of the account.
        case unknown(String, isOfAccount: Bool)
        /// Nobody was asked: no call tells, or no account of the configuration may ask.
        case unasked(String)
    }

    /// The id by which the provider knows the asset.
    package let id: String
    /// `provider:` of the configuration, as the manifest shows it.
    package let provider: String
    /// The account's name: in the configuration in force, else as the manifest shows it.
    package let account: String
    /// The asset's status by the ledger.
    package let recorded: AssetStatus
    package let finding: Finding

    package init(id: String, provider: String, account: String, recorded: AssetStatus, finding: Finding) {
        self.id = id
        self.provider = provider
        self.account = account
        self.recorded = recorded
        self.finding = finding
    }
}

/// The asset that a path of the manifest shows, and who may ask for it.
package struct ShownAsset: Hashable, Sendable {
    package let receipt: Receipt
    /// The provider and the account's name as the manifest shows them.
    package let provider: String
    package let account: String
    /// The configured account that the asset belongs to; nil if none is known to be the same account.
    package let asker: String?

    package init(receipt: Receipt, provider: String, account: String, asker: String?) {
        self.receipt = receipt
        self.provider = provider
        self.account = account
        self.asker = asker
    }
}
