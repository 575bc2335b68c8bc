/// The share of its rates that an account uses. A refusal halves it; without refusals it grows again.
///
/// Calls within the published rates are refused for three reasons: somebody else uses the same key, the limits are
/// lower than published, or the provider is overloaded. No answer says how many calls would be right.
///
/// So the share is found as TCP finds its window: halve it after a refusal, then add a little at a time. (Additive
/// increase, multiplicative decrease: Chiu and Jain 1989.) This rule also shares a limit fairly with others who follow
/// it.
///
/// A value without clock; ``Pacer`` brings the time.
struct PaceShare<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    /// The whole share, in sixteenths; the least is one. With less than one, users would notice no progress. Of the
    /// usual 60 calls a minute, one sixteenth leaves three.
    static var full: Int { 16 }

    /// The time in which the share grows by a sixteenth.
    ///
    /// Four steps make the minute over which providers count. So the effect of a larger share shows before it has grown
    /// by more than a quarter of the rate. Growing from half to whole takes two minutes, from the least 3 min 45 s.
    static var step: Duration { .seconds(15) }

    /// What was left after the last refusal. It begins to grow at `quietSince`.
    private var left = Self.full
    private var quietSince: Instant?
    private var halvedAt: Instant?

    /// Whether the error is a refusal. With 503 a server says that it is overloaded, with 429 that this client calls
    /// too often.
    static func isRefusal(_ error: ProviderError) -> Bool {
        if case .throttled = error.kind { return true }
        return error.status == 503
    }

    /// The share that may be used now.
    func sixteenths(at instant: Instant) -> Int {
        guard let quietSince, quietSince < instant else { return left }
        return left + min(Self.full - left, Int(quietSince.duration(to: instant) / Self.step))
    }

    /// When the share first becomes larger than at `instant`; nil if it is whole.
    func nextStep(after instant: Instant) -> Instant? {
        let now = sixteenths(at: instant)
        guard let quietSince, now < Self.full else { return nil }
        return quietSince.advanced(by: Self.step * (now - left + 1))
    }

    /// Notes that a call made at `begun` was refused, and halves the share.
    ///
    /// It does not halve if the share was halved after that call was made: calls under way together are refused
    /// together. The share begins to grow at `quiet`, the end of the pause that the server asked for. Without calls,
    /// nothing is learned.
    mutating func refuse(callMadeAt begun: Instant, at instant: Instant, quiet: Instant) {
        left = sixteenths(at: instant)
        quietSince = max(instant, quiet)
        if let halvedAt, begun <= halvedAt { return }
        halvedAt = instant
        left = max(1, left / 2)
    }
}
