/// What is known of a provider before it is asked anything: the defaults of an account's settings.
package struct ProviderTraits: Sendable {
    /// As in the configuration: `postbreeze`.
    package let name: String
    package let baseURL: String
    /// What the API accepts; what is not in it is rejected before a request is made.
    package let acceptedTypes: [MIMEType]
    package let limits: SizeLimits
    /// All of them hold at once.
    package let rate: [CallRate]
    /// Of these, calls that create or change something; they hold beside ``rate``.
    package let writeRate: [CallRate]

    package init(
        name: String,
        baseURL: String,
        acceptedTypes: [MIMEType],
        limits: SizeLimits,
        rate: [CallRate],
        writeRate: [CallRate] = []
    ) {
        self.name = name
        self.baseURL = baseURL
        self.acceptedTypes = acceptedTypes
        self.limits = limits
        self.rate = rate
        self.writeRate = writeRate
    }
}

/// So many API calls in so much time, as `60/60s` in the configuration.
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
