/// How far a lane has come, for passes, which end when all is done.
extension AccountLane {
    /// Whether nothing is under way, and nothing will be before a pause ends.
    var isAtRest: Bool {
        get async {
            // A call that waits out a rate limit of an hour is under way only in name. Another account with the same
            // key may have met the limit.
            let hold = await services.pacer.hold
            let isHeldForLong = standing.isHeldForLong(at: clock.now)
            if isHeldForLong || hold > Schedules.longestHold,
                await services.pacer.waiting(of: services.name) + wire.inLine == underWay.slots.taken
            {
                return underWay.slots.taken > 0 || isHeldForLong || isIdle
            }
            return isIdle
        }
    }

    private var isIdle: Bool {
        guard underWay.slots.taken == 0, foundNothing else { return false }
        if let closure = services.index?.closure { return closure.until == nil }
        if case .none = standing.gate.admits(at: clock.now), isBlocked { return true }
        return nextDue.map { $0 > .steady() } ?? true
    }

    /// Whether all files wait for one cause that does not pass soon.
    var isBlocked: Bool { standing.isBlocked(at: clock.now) }

    /// Whether the account is blocked, or another account with the same key has met a long rate limit.
    var waitsForLong: Bool {
        get async {
            let hold = await services.pacer.hold
            return isBlocked || hold > Schedules.longestHold
        }
    }

    /// Whether the account may be called for anything but a file. A blocked account may not, until it is to be probed
    /// and has no file for that.
    var mayCall: Bool {
        switch standing.gate.admits(at: clock.now) {
        case .all: true
        case .one: underWay.slots.taken == 0 && foundNothing
        case .none: false
        }
    }

    /// Why no asset of the account can be looked at now; nil if one can.
    ///
    /// A rate limit is no reason: the pace waits for its end.
    var lookHindrance: String? {
        guard case .none = standing.gate.admits(at: clock.now), !standing.gate.isThrottled else { return nil }
        return "account \(services.name) waits, \(block.map { "\($0.cause.accountWords): \($0.reason)" } ?? "blocked")"
    }

    /// The cause that all files of the account wait for; nil while it is open.
    var blockedBy: WaitCause? { standing.gate.cause }
}
