import Pipeline

extension Duration {
    /// Ten years. Longer is a mistake, and clocks have their limits.
    private static let longest = Duration.seconds(3650 * 86_400)

    /// `250ms`, `2s`, `15m`, `1h`, `1d`, up to `3650d`; nil for anything else, also for a bare number.
    init?(configuration text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let amount = Int64(digits), amount <= 1_000_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": self = .milliseconds(amount)
        case "s": self = .seconds(amount)
        case "m": self = .seconds(amount * 60)
        case "h": self = .seconds(amount * 3600)
        case "d": self = .seconds(amount * 86_400)
        default: return nil
        }
        guard self <= Self.longest else { return nil }
    }
}

extension CallRate {
    /// `60/60s`: the calls, and the time that they are counted in.
    init?(configuration text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let calls = Int(parts[0]), (1...1_000_000).contains(calls),
            let window = Duration(configuration: String(parts[1])), window > .zero
        else { return nil }
        self.init(calls: calls, window: window)
    }
}
