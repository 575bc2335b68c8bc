import Pipeline

/// What the fleet's database told of its changes at one look.
struct FleetLook: Hashable, Sendable {
    /// A change as the database has it, with what tells it from any other.
    struct Told: Hashable, Sendable {
        let revision: Int64
        let mark: String
        /// Nil for a change that this version cannot read.
        let change: SharedChange?
    }

    /// Which fleet it is.
    let fleet: String
    /// Of the newest change.
    let revision: Int64
    /// From the last change on that the copy has, in order.
    let changes: [Told]
    let hosts: [SharedHost]
}

/// How a copy of the fleet's manifest goes on. A value without database, so that each rule is tested by calling it.
///
/// A reader goes on from the last revision that it has, and misses none: the order of revisions is that of commits, and
/// they have no gaps. A revision is only a number: after a restore, another change may have it. So the last change is
/// read once more, and must be the same one. Its mark is random. So a database that has this mark has all that was
/// committed before it.
enum FollowStep: Hashable, Sendable {
    /// The copy is as new as the fleet.
    case rest
    /// These follow, and lead to this place.
    case take([SharedChange], FleetPlace)
    /// The copy has to be made anew.
    case anew(Cause)

    enum Cause: String, Sendable {
        case first = "this host has none yet"
        case otherFleet = "the database is another fleet's"
        case restored = "the database was put back from an older copy"
        case pruned = "changes that this host lacks are no longer kept"
    }

    /// The step from a place; nil for a host without a copy.
    static func from(_ place: FleetPlace?, _ look: FleetLook) -> FollowStep {
        guard let place else { return .anew(.first) }
        guard place.fleet == look.fleet else { return .anew(.otherFleet) }
        guard look.revision >= place.revision else { return .anew(.restored) }
        var news = look.changes[...]
        if let last = news.first, last.revision == place.revision {
            guard place.mark == nil || last.mark == place.mark else { return .anew(.restored) }
            news.removeFirst()
        } else if place.mark != nil {
            return .anew(.pruned)
        }
        guard zip(news, (place.revision + 1)...).allSatisfy({ $0.revision == $1 }) else { return .anew(.pruned) }
        guard let newest = news.last else { return look.revision > place.revision ? .anew(.pruned) : .rest }
        let next = FleetPlace(fleet: look.fleet, revision: newest.revision, mark: newest.mark)
        return .take(news.compactMap(\.change), next)
    }
}
