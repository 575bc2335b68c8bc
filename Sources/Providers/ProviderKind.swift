import Pipeline

/// The providers that exist. A third provider is a folder beside these two and a line in each switch.
package enum ProviderKind: String, Sendable, CaseIterable {
    case postbreeze
    case connectsafely

    /// The facts about a provider that are known before any call.
    package var traits: ProviderTraits {
        switch self {
        case .postbreeze: Postbreeze.traits
        case .connectsafely: ConnectSafely.traits
        }
    }

    /// Makes the provider for one account. All accounts share one `transfer`.
    package func make(_ settings: ProviderSettings, transfer: Transfer) -> any Provider {
        switch self {
        case .postbreeze: Postbreeze(settings, transfer: transfer)
        case .connectsafely: ConnectSafely(settings, transfer: transfer)
        }
    }
}
