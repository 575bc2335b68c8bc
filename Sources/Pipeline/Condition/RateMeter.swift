/// How much came in the last seconds. A value without clock.
package struct RateMeter<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    /// How far back the meter looks, in seconds. Its precision is one second.
    private let span: Int
    private let start: Instant
    /// The sums of the latest seconds, each with its number since the start.
    private var sums: [(second: Int, amount: Int64)] = []

    package init(seconds: Int, at now: Instant) {
        span = seconds
        start = now
    }

    package mutating func add(_ amount: Int64, at now: Instant) {
        let second = second(of: now)
        if sums.last?.second == second {
            sums[sums.count - 1].amount += amount
        } else {
            sums.append((second, amount))
        }
        let oldest = second - span
        sums.removeAll { $0.second <= oldest }
    }

    /// The amount in the time that the meter looks back.
    package func sum(at now: Instant) -> Int64 {
        let oldest = second(of: now) - span
        return sums.reduce(0) { $1.second > oldest ? $0 + $1.amount : $0 }
    }

    /// The amount a second, over the time that the meter looks back, or since it began.
    package func perSecond(at now: Instant) -> Double {
        let time = min(start.duration(to: now), .seconds(span)) / .seconds(1)
        // Less than a second tells no rate.
        return Double(max(0, sum(at: now))) / max(1, time)
    }

    private func second(of now: Instant) -> Int { Int(start.duration(to: now).components.seconds) }
}
