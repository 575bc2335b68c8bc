import FoundationEssentials

/// Sliding windows over the calls of one key or one account. A refused call does not count.
struct RateLimiter: Sendable {
    private let limits: [RateLimit]
    private var admitted: [Date] = []

    init(_ limits: [RateLimit]) {
        self.limits = limits
    }

    /// How long until a call would be admitted. Nil if the call is admitted now; then it is counted.
    mutating func admit(at now: Date) -> Duration? {
        let longest = limits.map(\.window.inSeconds).max() ?? 0
        admitted.removeAll { now.timeIntervalSince($0) >= longest }
        var wait: Double?
        for limit in limits {
            let window = limit.window.inSeconds
            let recent = admitted.filter { now.timeIntervalSince($0) < window }
            guard recent.count >= limit.calls else { continue }
            // When this call leaves the window, one call fewer than the limit remains.
            let leaving = recent[recent.count - limit.calls]
            wait = max(wait ?? 0, window - now.timeIntervalSince(leaving))
        }
        if let wait { return .seconds(wait) }
        if !limits.isEmpty { admitted.append(now) }
        return nil
    }
}
