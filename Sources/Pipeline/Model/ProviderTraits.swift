/// The facts about a provider that are known beforehand: the defaults of an account's settings.
package struct ProviderTraits: Sendable {
    /// As in the configuration: `postbreeze`.
    package let name: String
    package let baseURL: String
    /// The types that the API accepts. Any other type is rejected before a request is made.
    package let acceptedTypes: [MIMEType]
    package let limits: SizeLimits
    /// What the provider publishes beyond that. Nothing is rejected by it.
    package let published: PublishedLimits
    /// The bounds for API calls; all hold at once.
    package let rate: [CallRate]
    /// The bounds for calls that create or change something. They hold in addition to ``rate``.
    package let writeRate: [CallRate]
    /// The longest name of a folder of its own that assets may go to, in characters; nil if it has no such folders.
    package let longestLibrary: Int?

    package init(
        name: String,
        baseURL: String,
        acceptedTypes: [MIMEType],
        limits: SizeLimits,
        published: PublishedLimits = .none,
        rate: [CallRate],
        writeRate: [CallRate] = [],
        longestLibrary: Int? = nil
    ) {
        self.name = name
        self.baseURL = baseURL
        self.acceptedTypes = acceptedTypes
        self.limits = limits
        self.published = published
        self.rate = rate
        self.writeRate = writeRate
        self.longestLibrary = longestLibrary
    }
}

/// At most `calls` API calls within `window`, such as `60/60s` in the configuration.
package struct CallRate: Hashable, Sendable, CustomStringConvertible {
    package let calls: Int
    package let window: Duration

    package init(calls: Int, window: Duration) {
        self.calls = calls
        self.window = window
    }

    package var description: String {
        "\(calls)/\(window.milliseconds.isMultiple(of: 1000) ? "\(window.components.seconds)s" : "\(window.milliseconds)ms")"
    }
}
