/// At most `calls` calls in any time span as long as `window`.
package struct RateLimit: Sendable, Equatable {
    package var calls: Int
    package var window: Duration

    /// Admits `calls` calls in every `window`.
    package init(calls: Int, window: Duration) {
        self.calls = calls
        self.window = window
    }

    /// Reads `60/60`: the calls, a slash, the window in seconds. Nil for other text, and for numbers not above zero.
    package init?(_ text: String) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let calls = Int(halves[0]), let seconds = Double(halves[1]), calls > 0, seconds > 0,
            seconds < 1e9
        else { return nil }
        self.init(calls: calls, window: .seconds(seconds))
    }
}
