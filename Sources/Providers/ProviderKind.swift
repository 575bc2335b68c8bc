import Pipeline

/// The providers that exist. A third provider is a folder beside these two, and two lines here.
package enum ProviderKind: String, Sendable, CaseIterable {
    case postbreeze
    case connectsafely

    /// The type of the provider's settings. It leads to all else that a provider is.
    package var settings: any ProviderSettings.Type {
        switch self {
        case .postbreeze: Postbreeze.Settings.self
        case .connectsafely: ConnectSafely.Settings.self
        }
    }

    /// The facts about a provider that are known before any call.
    package var traits: ProviderTraits { settings.traits }
}
