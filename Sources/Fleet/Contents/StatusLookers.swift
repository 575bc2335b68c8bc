import Pipeline

/// The hosts that ask providers about assets in place of this one, and whether they go on doing so.
///
/// A value without clock or database, so that each rule is tested by calling it. A host that asks counts up a number in
/// the database. If the number stands still for ``patience``, by this host's monotonic clock, any host may ask in its
/// place. The reason does not matter: the host is silent, removed, paused, of another version, or shows the asset no
/// more.
struct StatusLookers<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    /// Three times the longest pause between two looks of a host.
    static var patience: Duration { .seconds(180) }

    /// Where a host stands that asks.
    struct Standing: Hashable, Sendable {
        let host: HostID
        let looked: Int64
    }

    private var seen: [ContentKey: (standing: Standing, since: Instant)] = [:]

    /// Where the host stands that has not asked for too long; nil if it goes on, or if nothing is known of it.
    func standstill(of key: ContentKey, at now: Instant) -> Standing? {
        guard let seen = seen[key], now >= seen.since.advanced(by: Self.patience) else { return nil }
        return seen.standing
    }

    /// Notes where another host stands.
    mutating func note(_ standing: Standing, of key: ContentKey, at now: Instant) {
        if seen[key]?.standing != standing { seen[key] = (standing, now) }
    }

    /// Forgets a content: this host asks, or nobody does any more.
    mutating func forget(_ key: ContentKey) { seen[key] = nil }
}
