/// Whether an account's files may go, and the one cause that all of them wait for. Waiting costs them no attempts.
///
/// A value without clock; ``AccountLane`` brings the time. A blocked account is probed by one file at growing
/// intervals. The gate opens when a request shows that the cause has gone. That request must go to the side that the
/// cause came from, and must be made after the cause was last met.
///
/// The sides are apart. An answer of the API does not show that the storage can be reached. A PUT does not show that
/// the API takes the key.
struct AccountGate<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    enum Admittance: Hashable {
        /// As many as there are slots.
        case all
        /// One file, to test whether the cause has gone.
        case one
        /// None before that moment.
        case none(until: Instant)
    }

    private struct Block: Sendable {
        var kind: ProviderError.Kind
        /// The sides on which the cause was met. The cause has gone when each of them has shown so.
        var sides: Set<RequestSide>
        /// When the cause was last met.
        var since: Instant
        var until: Instant
        var failures: Int
        var probing = false
    }

    private var block: Block?
    /// By side: when the latest request was made that showed the side to be well.
    private var shown: [RequestSide: Instant] = [:]

    var isOpen: Bool { block == nil }

    /// Blocked by a rate limit. It ends by itself, at a known time.
    var isThrottled: Bool {
        if case .throttled = block?.kind { true } else { false }
    }

    /// Whether the gate is blocked for this cause.
    func isClosed(for kind: ProviderError.Kind) -> Bool {
        block.map { Self.isOneCause($0.kind, kind) } ?? false
    }

    /// The cause of the block; nil if the gate is open.
    var cause: WaitCause? { block?.kind.waitCause }

    /// Until when no file goes; nil if the gate is open.
    var until: Instant? { block?.until }

    /// How often in a row this cause was met.
    var failures: Int { block?.failures ?? 0 }

    func admits(at instant: Instant) -> Admittance {
        guard let block else { return .all }
        // The probe may take long. A moment in the past would make its waiters spin.
        if block.probing { return .none(until: instant.advanced(by: Schedules.connection.longest)) }
        if block.until > instant { return .none(until: block.until) }
        // A rate limit that has run out needs no probe.
        if case .throttled = block.kind { return .all }
        return .one
    }

    /// Notes that the probe was let through.
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

    /// Whether such an error may be due to one file's name or bytes: a filter on the way may answer in the place of the
    /// API or the storage.
    static func mayBeOfOneFile(_ kind: ProviderError.Kind) -> Bool { kind == .outOfOrder }

    /// Notes that a request made at `begun` failed with such an error.
    ///
    /// Returns until when the account waits. Returns nil if a later request has already shown that the cause has gone.
    mutating func close(
        for kind: ProviderError.Kind,
        on side: RequestSide,
        begun: Instant,
        at instant: Instant
    ) -> Instant? {
        if Self.isDisproved(kind), let shown = shown[side], begun < shown { return nil }
        guard let earlier = block, Self.isOneCause(earlier.kind, kind) else {
            let until = instant.advanced(by: wait(for: kind, failures: 1))
            // The request was under way when another cause was met. Its own cause takes over only if it makes the
            // account wait longer.
            if let block, begun < block.since, until <= block.until { return block.until }
            block = Block(kind: kind, sides: [side], since: instant, until: until, failures: 1)
            return until
        }
        // A request that was under way when the cause was met shows nothing new.
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

    /// Notes that a request made at `begun` succeeded. Returns whether that opened a blocked gate.
    mutating func noteSuccess(of side: RequestSide, begun: Instant) -> Bool {
        shown[side] = max(begun, shown[side] ?? begun)
        return clear(side, begun: begun)
    }

    /// Notes that a request made at `begun` reached its side, even if it fails.
    ///
    /// That disproves only the causes `unreachable` and `insecure`. Returns the same as ``noteSuccess(of:begun:)``.
    mutating func noteContact(with side: RequestSide, begun: Instant) -> Bool {
        (block?.kind == .unreachable || block?.kind == .insecure) && clear(side, begun: begun)
    }

    /// Notes that a file is up whose try began at `begun`. Only that disproves `refusedAlike`.
    ///
    /// Returns the same as ``noteSuccess(of:begun:)``.
    mutating func noteUpload(begun: Instant) -> Bool {
        guard let block, block.kind == .refusedAlike, begun > block.since else { return false }
        return open()
    }

    /// Opens the gate: the key changed, or somebody wants to know. Returns whether the gate was blocked.
    mutating func open() -> Bool {
        defer { block = nil }
        return block != nil
    }

    /// Notes that the probe came back. If it showed nothing about the account, as its file had changed, the next probe
    /// may go at once.
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
        case .throttled(let told): told ?? Schedules.account.first
        case .refusedKey, .refusedHost, .quota, .insecure, .outOfOrder, .refusedAlike:
            Schedules.account.bound(afterFailures: failures)
        default: Schedules.connection.bound(afterFailures: failures)
        }
    }

    /// Whether the success of a later request shows that the cause has gone.
    static func isDisproved(_ kind: ProviderError.Kind) -> Bool {
        switch kind {
        case .unreachable, .insecure, .refusedKey, .outOfOrder: true
        default: false
        }
    }

    /// Rate limits are one cause, however long each lasts.
    private static func isOneCause(_ left: ProviderError.Kind, _ right: ProviderError.Kind) -> Bool {
        switch (left, right) {
        case (.throttled, .throttled): true
        default: left == right
        }
    }
}
