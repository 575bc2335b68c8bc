import Pipeline

/// The providers there are; a third one is a folder beside these two and a line in each switch.
package enum ProviderKind: String, Sendable, CaseIterable {
    case postbreeze
    case connectsafely

    /// What is known of it before it is asked anything.
    package var traits: ProviderTraits {
        switch self {
        case .postbreeze: Postbreeze.traits
        case .connectsafely: ConnectSafely.traits
        }
    }

    /// The provider for one account; all accounts share one `transfer`.
    package func make(_ settings: ProviderSettings, transfer: Transfer) -> any Provider {
        switch self {
        case .postbreeze: Postbreeze(settings, transfer: transfer)
        case .connectsafely: ConnectSafely(settings, transfer: transfer)
        }
    }
}
