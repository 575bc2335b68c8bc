/// Whether an account's files may go, and for what cause they all wait: one cause for all, and none of it counts as an
/// attempt of theirs.
///
/// A value without clock; ``AccountLane`` brings the time. A blocked account is probed by one file at growing intervals, and
/// opens as soon as a request shows that the cause has gone: one to the side that the cause came from, and made after it
/// was last met. (A storage that cannot be reached is not disproved by the API's answers, nor a refused key by a PUT.)
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
        /// Where the cause was met; it has gone when each of them has shown so.
        var sides: Set<RequestSide>
        /// When the cause was last met.
        var since: Instant
        var until: Instant
        var failures: Int
        var probing = false
    }

    private var block: Block?
    /// When the latest request was made that showed that a side is well.
    private var shown: [RequestSide: Instant] = [:]
    private let unreachable = RetryPolicy(first: .seconds(1), longest: .seconds(60))
    private let refused = RetryPolicy(first: .seconds(60), longest: .seconds(3600))

    var isOpen: Bool { block == nil }

    /// A rate limit: it ends by itself, at a known time.
    var isThrottled: Bool {
        if case .throttled = block?.kind { true } else { false }
    }

    /// Whether it is closed, and for this cause.
    func isClosed(for kind: ProviderError.Kind) -> Bool {
        block.map { Self.isOneCause($0.kind, kind) } ?? false
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

    /// A file was let through to see whether the cause has gone.
    mutating func probe() {
        block?.probing = true
    }

    /// Whether an error of this kind stops the whole account.
    static func blocks(_ kind: ProviderError.Kind) -> Bool {
        switch kind {
        case .throttled, .refusedKey, .refusedHost, .quota, .unreachable, .insecure, .outOfOrder, .refusedAlike: true
        default: false
        }
    }

    /// Notes that a request made at `begun` failed with such an error. Returns until when the account waits; nil when a
    /// later request has shown already that the cause has gone.
    mutating func close(
        for kind: ProviderError.Kind,
        on side: RequestSide,
        begun: Instant,
        at instant: Instant
    ) -> Instant? {
        if Self.isDisproved(kind), let shown = shown[side], begun < shown { return nil }
        guard let earlier = block, Self.isOneCause(earlier.kind, kind) else {
            let until = instant.advanced(by: wait(for: kind, failures: 1))
            // What was under way when another cause was met takes its place only where all have to wait longer for it.
            if let block, begun < block.since, until <= block.until { return block.until }
            block = Block(kind: kind, sides: [side], since: instant, until: until, failures: 1)
            return until
        }
        // What was under way when the cause was met is no new finding.
        let isNew = begun > earlier.since && (earlier.probing || earlier.until <= instant)
        let failures = earlier.failures + (isNew ? 1 : 0)
        let until = max(earlier.until, instant.advanced(by: wait(for: kind, failures: failures)))
        block = Block(
            kind: kind,
            sides: earlier.sides.union([side]),
            since: isNew ? instant : earlier.since,
            until: until,
            failures: failures,
            probing: earlier.probing && !isNew
        )
        return until
    }

    /// A request made at `begun` did what it was made for. Returns whether that opened a closed gate.
    mutating func noteSuccess(of side: RequestSide, begun: Instant) -> Bool {
        shown[side] = max(begun, shown[side] ?? begun)
        return clear(side, begun: begun)
    }

    /// A request made at `begun` reached its side, whatever is to come of it: that disproves one cause. Returns as
    /// ``noteSuccess(of:begun:)`` does.
    mutating func noteContact(with side: RequestSide, begun: Instant) -> Bool {
        (block?.kind == .unreachable || block?.kind == .insecure) && clear(side, begun: begun)
    }

    /// A file whose try began at `begun` is up: only that disproves that all are refused alike. Returns as
    /// ``noteSuccess(of:begun:)`` does.
    mutating func noteUpload(begun: Instant) -> Bool {
        guard let block, block.kind == .refusedAlike, begun > block.since else { return false }
        return open()
    }

    /// The key changed, or somebody wants to know. Returns whether that opened a closed gate.
    mutating func open() -> Bool {
        defer { block = nil }
        return block != nil
    }

    /// The probe came back. If it told nothing of the account (its file had changed), the next one may try at once.
    mutating func probeEnded() {
        block?.probing = false
    }

    private mutating func clear(_ side: RequestSide, begun: Instant) -> Bool {
        guard let since = block?.since, begun > since, block?.kind != .refusedAlike else { return false }
        block?.sides.remove(side)
        return block?.sides.isEmpty == true && open()
    }

    private func wait(for kind: ProviderError.Kind, failures: Int) -> Duration {
        switch kind {
        case .throttled(let told): told ?? refused.first
        case .refusedKey, .refusedHost, .quota, .insecure, .outOfOrder, .refusedAlike:
            refused.bound(afterFailures: failures)
        default: unreachable.bound(afterFailures: failures)
        }
    }

    /// Whether a request that was made later and did what it was made for shows that the cause has gone.
    private static func isDisproved(_ kind: ProviderError.Kind) -> Bool {
        switch kind {
        case .unreachable, .insecure, .refusedKey, .outOfOrder: true
        default: false
        }
    }

    /// Rate limits are one cause, however long each time.
    private static func isOneCause(_ left: ProviderError.Kind, _ right: ProviderError.Kind) -> Bool {
        switch (left, right) {
        case (.throttled, .throttled): true
        default: left == right
        }
    }
}
