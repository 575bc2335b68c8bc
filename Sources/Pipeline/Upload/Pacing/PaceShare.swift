/// The share of its rates that an account uses: halved when the provider refuses, growing again while it does not.
///
/// Calls within the published rates are refused where somebody else calls with the same key, where the limits are lower
/// than published, or where the provider is overloaded; none of that says how much would be right. So it is found out as
/// TCP does: half of what was too much, then a little more each time (additive increase, multiplicative decrease: Chiu and
/// Jain 1989), which also shares a limit fairly with others who do the same.
///
/// A value without clock; ``Pacer`` brings the time.
struct PaceShare<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    /// The share is counted in sixteenths: all of them, and at least one. Below that an account does not go on in any sense
    /// that its user would notice, and with the usual 60 calls a minute there are three calls left to find out with.
    static var full: Int { 16 }

    /// It grows by a sixteenth each time. Four of these make the minute over which providers count: so what a larger share
    /// leads to is seen before it has grown by more than a quarter of the rate. From a half to the whole takes two minutes,
    /// from the least 3 min 45 s.
    static var step: Duration { .seconds(15) }

    /// What is left after the last refusal, and when it begins to grow.
    private var left = Self.full
    private var quietSince: Instant?
    private var halvedAt: Instant?

    /// 503 is how a server says that it is overloaded; 429 that this client calls too often.
    static func isRefusal(_ error: ProviderError) -> Bool {
        if case .throttled = error.kind { return true }
        return error.status == 503
    }

    /// The share that may be used now.
    func sixteenths(at instant: Instant) -> Int {
        guard let quietSince, quietSince < instant else { return left }
        return left + min(Self.full - left, Int(quietSince.duration(to: instant) / Self.step))
    }

    /// When the share is larger than at `instant` for the first time; nil when it is whole.
    func nextStep(after instant: Instant) -> Instant? {
        let now = sixteenths(at: instant)
        guard let quietSince, now < Self.full else { return nil }
        return quietSince.advanced(by: Self.step * (now - left + 1))
    }

    /// A call made at `begun` was refused. Halves the share, unless it was halved after that call was made: calls that were
    /// under way together are refused together. It begins to grow at `quiet`, the end of the pause that the server asked
    /// for: while nobody calls, nothing is learned.
    mutating func refuse(callMadeAt begun: Instant, at instant: Instant, quiet: Instant) {
        left = sixteenths(at: instant)
        quietSince = max(instant, quiet)
        if let halvedAt, begun <= halvedAt { return }
        halvedAt = instant
        left = max(1, left / 2)
    }
}
