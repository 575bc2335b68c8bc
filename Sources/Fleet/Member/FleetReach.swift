import Pipeline

/// Whether this host can ask its fleet, and what its files do while it cannot.
///
/// A value without clock or database, so that each rule is tested by calling it.
struct FleetReach<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    /// Why the fleet cannot be asked.
    struct Trouble: Sendable {
        var reason: String
        let since: Instant
        /// The same moment, for people.
        let time: Timestamp
        /// Whether it came back soon after it seemed to be over.
        var isBack = false
    }

    let rule: UnreachableRule
    /// Nil while the fleet can be asked.
    private(set) var trouble: Trouble?
    /// The last trouble that is over, and since when.
    private var former: (trouble: Trouble, end: Instant)?
    /// A trouble of a server that answers has not been over if it comes back within this time. On a full disk,
    /// heartbeats go on: they show that the fleet can be asked, while its work fails.
    private static var relapse: Duration { .seconds(15) }

    init(rule: UnreachableRule, reason: String, at now: Instant, _ time: Timestamp) {
        self.rule = rule
        trouble = Trouble(reason: reason, since: now, time: time)
    }

    /// Notes that the fleet can be asked. Returns whether that is surely news: it could not be asked before, and that
    /// had not come back lately.
    mutating func open(at now: Instant) -> Bool {
        guard let over = trouble else { return false }
        former = (over, now)
        trouble = nil
        return !over.isBack
    }

    /// Notes that the fleet cannot be asked. A new reason takes the place of an older one, whose time goes on. Returns
    /// whether the reason is news.
    ///
    /// `isAnswer`: the server has said so. If that comes back soon, the time of the former trouble goes on as well. A
    /// connection that is lost again begins anew: between the two, the fleet has answered.
    mutating func close(_ reason: String, isAnswer: Bool, at now: Instant, _ time: Timestamp) -> Bool {
        let back = former.flatMap { isAnswer && $0.end.advanced(by: Self.relapse) > now ? $0.trouble : nil }
        var present = trouble ?? back ?? Trouble(reason: "", since: now, time: time)
        let isNews = present.reason != reason
        present.reason = reason
        if trouble == nil { present.isBack = back != nil }
        trouble = present
        return isNews
    }

    /// Why no file may go now; nil if files may. With `then: upload` they may after the wait, each in its turn
    /// (``mayGoAlone(rank:since:at:)``).
    func closure(at now: Instant) -> FleetClosure? {
        guard let trouble, rule.then == .wait || now < trouble.since.advanced(by: rule.wait) else { return nil }
        return outage
    }

    /// Why the fleet cannot be asked, and until when files wait for it; nil if it can.
    var outage: FleetClosure? {
        trouble.map { trouble in
            let until = rule.then == .upload ? trouble.time.advanced(by: rule.wait) : nil
            return FleetClosure(reason: trouble.reason, since: trouble.time, until: until)
        }
    }

    /// Whether a file may go up unclaimed that has waited since `start`.
    ///
    /// The host of rank 0 waits once, the next one twice, and so on. So in a long outage mostly one host sends a
    /// content.
    func mayGoAlone(rank: Int, since start: Instant, at now: Instant) -> Bool {
        guard let trouble, rule.then == .upload else { return false }
        return now >= max(trouble.since, start).advanced(by: rule.wait * (1 + rank))
    }
}

/// Which host a content falls to while hosts cannot agree: rendezvous hashing, where each host computes the same order
/// by itself. Source: D. Thaler, C. Ravishankar, "A Name-Based Mapping Scheme for Rendezvous" (1996).
enum ContentRank {
    /// How many of `hosts` come before `host`.
    static func rank(of host: HostID, among hosts: some Collection<HostID>, for sha256: SHA256Digest) -> Int {
        let own = weight(host, sha256)
        return hosts.count { $0 != host && weight($0, sha256).lexicographicallyPrecedes(own) }
    }

    private static func weight(_ host: HostID, _ sha256: SHA256Digest) -> [UInt8] {
        SHA256Digest(of: Array(host.text.utf8) + sha256.bytes).bytes
    }
}
