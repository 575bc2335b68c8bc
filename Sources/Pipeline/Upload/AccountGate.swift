/// Whether an account's files may go, and for what cause they all wait: one cause for all, and none of it counts as an
/// attempt of theirs.
///
/// A value without clock; ``AccountLane`` brings the time. A blocked account is probed by one file at growing intervals.
struct AccountGate<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    enum Admittance: Hashable {
        /// As many as there are slots.
        case all
        /// One, to see whether the cause has gone.
        case one
        /// None before that moment.
        case none(until: Instant)
    }

    private struct Block: Sendable {
        var kind: ProviderError.Kind
        var until: Instant
        var failures: Int
        var probing = false
    }

    private var block: Block?
    private let unreachable = RetryPolicy(first: .seconds(1), longest: .seconds(60))
    private let refused = RetryPolicy(first: .seconds(60), longest: .seconds(3600))

    var isOpen: Bool { block == nil }

    /// A rate limit: it ends by itself, at a known time.
    var isThrottled: Bool {
        if case .throttled = block?.kind { true } else { false }
    }

    /// Until when nobody goes; nil when it is open.
    var until: Instant? { block?.until }

    /// How often in a row the account was found closed for this cause.
    var failures: Int { block?.failures ?? 0 }

    func admits(at instant: Instant) -> Admittance {
        guard let block else { return .all }
        // However long the probe takes, never a moment that has gone by: who waits for it would spin.
        if block.probing { return .none(until: instant.advanced(by: unreachable.longest)) }
        if block.until > instant { return .none(until: block.until) }
        // A rate limit that has run out needs no probe.
        if case .throttled = block.kind { return .all }
        return .one
    }

    /// A file was let through while blocked. After a rate limit that is no probe: the others follow at once.
    mutating func probe() {
        if !isThrottled { block?.probing = true }
    }

    /// Whether an error of this kind stops the whole account.
    static func blocks(_ kind: ProviderError.Kind) -> Bool {
        switch kind {
        case .throttled, .refusedKey, .refusedHost, .quota, .unreachable: true
        default: false
        }
    }

    /// Notes such an error; returns until when the account waits.
    mutating func close(for kind: ProviderError.Kind, at instant: Instant) -> Instant {
        let earlier = block.flatMap { Self.isOneCause($0.kind, kind) ? $0 : nil }
        let failures = earlier.map { $0.failures + (probed(at: instant) ? 1 : 0) } ?? 1
        let wait: Duration =
            switch kind {
            case .throttled(let told): told ?? refused.first
            case .refusedKey, .refusedHost, .quota: refused.bound(afterFailures: failures)
            default: unreachable.bound(afterFailures: failures)
            }
        let until = max(instant.advanced(by: wait), earlier?.until ?? instant)
        block = Block(kind: kind, until: until, failures: failures)
        return until
    }

    /// A request succeeded, or the key changed. Returns whether that opened a closed gate.
    mutating func open() -> Bool {
        defer { block = nil }
        return block != nil
    }

    /// The probe came back without telling anything of the account (its file had changed): the next one may try at once.
    mutating func probeEnded() {
        block?.probing = false
    }

    /// Rate limits are one cause, however long each time.
    private static func isOneCause(_ left: ProviderError.Kind, _ right: ProviderError.Kind) -> Bool {
        switch (left, right) {
        case (.throttled, .throttled): true
        default: left == right
        }
    }

    private func probed(at instant: Instant) -> Bool {
        block?.probing == true || block.map { $0.until <= instant } == true
    }
}
