/// So many calls that may be made without recording more: a later process takes all of them for made.
package struct PaceReservation: Hashable, Sendable {
    package let at: Timestamp
    package let calls: Int
    /// Whether they are calls that create or change something, where those have rates of their own.
    package let areWrites: Bool

    package init(at time: Timestamp, calls: Int, areWrites: Bool) {
        at = time
        self.calls = calls
        self.areWrites = areWrites
    }
}

/// Which calls a later process would know of, should this one end now.
///
/// Calls are recorded before they are made, and a sixteenth of the narrowest rate at a time: a busy account then writes 16
/// times a window, not once a call, and a restart holds back no more than that sixteenth too many. A value; ``Pacer``
/// records.
struct PaceReserve: Sendable {
    /// Calls that are recorded at a time; 0 where nothing limits them.
    let block: Int
    private let tellsWrites: Bool
    private var left: [Bool: Int] = [:]

    init(_ rates: [CallRate], writeRates: [CallRate]) {
        tellsWrites = !writeRates.isEmpty
        block = (rates + writeRates).map(\.calls).min().map { max(1, $0 / 16) } ?? 0
    }

    /// Uses one recorded call. Returns what has to be recorded first, where none is left; then ``add(_:)``, and again.
    mutating func take(isWrite: Bool, at time: Timestamp) -> PaceReservation? {
        guard block > 0 else { return nil }
        let areWrites = tellsWrites && isWrite
        guard let rest = left[areWrites], rest > 0 else {
            return PaceReservation(at: time, calls: block, areWrites: areWrites)
        }
        left[areWrites] = rest - 1
        return nil
    }

    mutating func add(_ reservation: PaceReservation) {
        left[reservation.areWrites, default: 0] += reservation.calls
    }

    /// When the calls of these reservations, oldest first, were made at the latest: before the next one was recorded, or
    /// `now`, when the process that made them has ended.
    static func latest(_ reservations: [PaceReservation], now: Timestamp) -> [PaceReservation] {
        [false, true].flatMap { areWrites in
            let own = reservations.filter { $0.areWrites == areWrites }
            return own.indices.map { index in
                let end = index + 1 < own.count ? min(own[index + 1].at, now) : now
                return PaceReservation(at: end, calls: own[index].calls, areWrites: areWrites)
            }
        }
    }
}
