import Pipeline

/// The settings of one account for its provider: those that all providers share, and the provider's own.
///
/// Each provider has such a type beside it. The type alone knows the provider's own keys of the configuration. It reads
/// them, gives them to the provider, and says which of them name the account.
package protocol ProviderSettings: Hashable, Sendable {
    /// The facts about the provider that are known before any call.
    static var traits: ProviderTraits { get }

    /// Reads the provider's own keys. A bad value counts as not given; `keys` reports it.
    init(_ connection: ConnectionSettings, from keys: inout some ProviderKeys)

    var connection: ConnectionSettings { get set }

    /// The given keys that say whom the bytes go to, such as `workspace_id`, with their values.
    ///
    /// Ledgers hold a digest of them (``AccountIdentity``). So a key keeps its name.
    var targets: [String: String] { get }

    /// The evidence that a new API key leads to the same account.
    var proof: AccountIdentity.Proof { get }

    /// Makes the provider. All accounts share one `transfer`.
    func provider(over transfer: Transfer) -> any Provider
}
