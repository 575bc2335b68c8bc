/// A number of calls that may be made without another record. A later process counts all of them as made.
package struct PaceReservation: Hashable, Sendable {
    package let at: Timestamp
    package let calls: Int
    /// Whether these calls create or change something. Always false if writes have no rates of their own.
    package let areWrites: Bool

    package init(at time: Timestamp, calls: Int, areWrites: Bool) {
        at = time
        self.calls = calls
        self.areWrites = areWrites
    }
}

/// The calls that a later process would know of if this process ended now.
///
/// Calls are recorded before they are made, a sixteenth of the narrowest rate at a time. So a busy account writes 16
/// times a window instead of once a call. A restart holds back at most that sixteenth too many.
///
/// A value; ``Pacer`` records.
struct PaceReserve: Sendable {
    /// How many calls are recorded at a time; 0 if no rate limits them.
    let block: Int
    private let tellsWrites: Bool
    private var left: [Bool: Int] = [:]

    init(_ rates: [CallRate], writeRates: [CallRate]) {
        tellsWrites = !writeRates.isEmpty
        block = (rates + writeRates).map(\.calls).min().map { max(1, $0 / 16) } ?? 0
    }

    /// Uses one recorded call. If none is left, returns the reservation to record. Record it, call ``add(_:)``, and
    /// take again.
    mutating func next(isWrite: Bool, at time: Timestamp) -> PaceReservation? {
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

    /// The latest times at which the calls of these reservations were made. The reservations come oldest first.
    ///
    /// The calls of one reservation were made before the next one was recorded. Those of the last one were made before
    /// `now`, as their process has ended.
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
