import Pipeline

/// Which hosts are silent: their heartbeats have stood still for ``patience``, by this host's monotonic clock.
///
/// A value without clock or database, so that each rule is tested by calling it. Neither the database's clock nor
/// another host's plays a part.
///
/// Only time in which this host has looked counts. Between two looks that are further apart than ``longestGap``, the
/// database may have been away from all hosts, or this host may have been stopped. Then all hosts are as if first seen.
package struct HostWatch<Instant: InstantProtocol> where Instant.Duration == Duration {
    private struct Stillness {
        var boot: Int64
        var beat: Int64
        /// The look that saw this heartbeat first.
        var since: Instant
    }

    private let patience: Duration
    private let longestGap: Duration
    private var hosts: [HostID: Stillness] = [:]
    private var lastLook: Instant?

    /// A host is silent after `patience`. Looks that follow each other within `longestGap` count as one long look.
    package init(patience: Duration, longestGap: Duration = .seconds(15)) {
        self.patience = patience
        self.longestGap = longestGap
    }

    /// Takes in what a look at all hosts showed. `now` is the moment at which the look was begun. A host that is not
    /// among them is not known any more.
    package mutating func note(_ sights: [HostSight], at now: Instant) {
        let isGap = lastLook.map { $0.duration(to: now) > longestGap } ?? true
        let before = isGap ? [:] : hosts
        hosts = Dictionary(
            sights.map { sight in
                if let known = before[sight.host], known.boot == sight.boot, known.beat == sight.beat {
                    return (sight.host, known)
                }
                return (sight.host, Stillness(boot: sight.boot, beat: sight.beat, since: now))
            },
            uniquingKeysWith: { first, _ in first }
        )
        lastLook = now
    }

    /// How long the host's heartbeat has stood still, up to the last look. Nil for a host that is not known.
    package func silence(of host: HostID) -> Duration? {
        guard let known = hosts[host], let lastLook else { return nil }
        return known.since.duration(to: lastLook)
    }

    /// The start and the heartbeat at which a silent host stands; nil for a host that is not silent, or not known.
    ///
    /// Whoever takes over from it has to find both unchanged, with the host's row locked.
    package func standstill(of host: HostID) -> (boot: Int64, beat: Int64)? {
        guard let silence = silence(of: host), silence >= patience, let known = hosts[host] else { return nil }
        return (known.boot, known.beat)
    }
}
