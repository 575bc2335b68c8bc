import DequeModule
import Glibc
import Threads

/// Lets the bodies of all uploads take turns. So all together keep to one ``Bandwidth``, and those of each account to
/// its own.
///
/// A turn is for some bytes. It takes as long as these need by the rates, and the next turn is when that time is over.
/// Accounts take turns with each other, however many uploads each has, and so do the bodies of an account. Nothing is
/// promised ahead: each turn goes by the rates of its moment, so another rate is in force within a tenth of a second.
///
/// It outlives a reload, as uploads do.
final class BandwidthTurns<C: Clock>: Sendable where C.Duration == Duration {
    /// A body's place in its account's line. Each waits for itself: thousands may wait, and a turn is one body's alone.
    private final class Place: Sendable {
        let isFirst = Monitor(false)
    }

    private struct Line {
        var bandwidth = Bandwidth.unlimited
        /// When the account's next turn may begin.
        var free: C.Instant
        /// The bodies that wait, in order of arrival.
        var waiting: Deque<Place> = []
        /// The number of the account's last turn.
        var served = 0
    }

    private struct State {
        var bandwidth = Bandwidth.unlimited
        /// When the next turn of any account may begin.
        var free: C.Instant
        var lines: [String: Line] = [:]
        /// How many bodies wait.
        var waiting = 0
        var lastTurn = 0
    }

    private enum Turn {
        /// So many bytes go now.
        case now(Int)
        /// Look again at this time.
        case later(C.Instant)
    }

    /// How long a turn takes at the most.
    private static var longest: Duration { .milliseconds(100) }
    /// How long a round of all that wait takes at the most. A body that stands still for a minute is broken off.
    private static var round: Duration { .seconds(2) }
    /// How much time may be made up for. A timer wakes a millisecond or two late each time.
    private static var slack: Duration { .milliseconds(50) }

    private let clock: C
    private let minute: @Sendable () -> Int
    private let state: Mutex<State>

    /// `minute`: the minute of the day now.
    init(clock: C, minute: @escaping @Sendable () -> Int = LocalTime.minute) {
        self.clock = clock
        self.minute = minute
        state = Mutex(State(free: clock.now))
    }

    /// Puts these bandwidths in force: for all bytes together, and for each account by its name.
    func apply(_ bandwidth: Bandwidth, _ accounts: [String: Bandwidth]) {
        let now = clock.now
        state.withLock { state in
            state.bandwidth = bandwidth
            for name in state.lines.keys where accounts[name] == nil { state.lines[name]?.bandwidth = .unlimited }
            for (name, bandwidth) in accounts { state.lines[name, default: Line(free: now)].bandwidth = bandwidth }
        }
    }

    /// Whether the account's bytes go as fast as they can now.
    func isUnlimited(_ account: String) -> Bool {
        rates(of: account) == (nil, nil)
    }

    /// How many bodies wait, and of how many accounts.
    var waiting: (bodies: Int, accounts: Int) {
        state.withLock { state in (state.waiting, state.lines.values.count { !$0.waiting.isEmpty }) }
    }

    private func rates(of account: String) -> (all: Int64?, own: Int64?) {
        let (all, own) = state.withLock { ($0.bandwidth, $0.lines[account]?.bandwidth ?? .unlimited) }
        return (all.rate(at: minute()), own.rate(at: minute()))
    }

    /// Waits for a turn of the account. Returns how many bytes go then, at most `most`. Throws only
    /// `CancellationError`.
    func take(upTo most: Int, of account: String) async throws -> Int {
        if isUnlimited(account) { return most }
        let now = clock.now
        let place = Place()
        let first = state.withLock { state in
            state.waiting += 1
            state.lines[account, default: Line(free: now)].waiting.append(place)
            return state.lines[account]?.waiting.first
        }
        first?.isFirst.change { $0 = true }
        defer { leave(place, of: account) }
        try await place.isFirst.wait { $0 }
        while true {
            switch turn(of: account, upTo: most) {
            case .now(let count): return count
            case .later(let instant): try await clock.sleep(until: instant, tolerance: nil)
            }
        }
    }

    /// Takes the body out of the account's line. The one behind it is first then.
    private func leave(_ place: Place, of account: String) {
        let first = state.withLock { state in
            state.waiting -= 1
            // A body that had its turn is the first. Only one that is cancelled is looked for.
            if let index = state.lines[account]?.waiting.firstIndex(where: { $0 === place }) {
                state.lines[account]?.waiting.remove(at: index)
            }
            return state.lines[account]?.waiting.first
        }
        first?.isFirst.change { $0 = true }
    }

    /// The turn of the first body in the account's line.
    private func turn(of account: String, upTo most: Int) -> Turn {
        let now = clock.now
        let rates = rates(of: account)
        return state.withLock { state in
            guard let line = state.lines[account] else { return .now(most) }
            let own = rates.own == nil ? now : line.free
            let all = rates.all == nil ? now : state.free
            if max(own, all) > now { return .later(max(own, all)) }
            let isNext = state.lines.values.allSatisfy { other in
                other.waiting.isEmpty || other.free > now || other.served >= line.served
            }
            // That account's body is waking up.
            if rates.all != nil, !isNext { return .later(now.advanced(by: .milliseconds(2))) }
            let count =
                [
                    most, part(rates.own, waiting: line.waiting.count),
                    part(rates.all, waiting: state.waiting),
                ].compactMap(\.self).min() ?? most
            state.lastTurn += 1
            state.lines[account]?.served = state.lastTurn
            if let rate = rates.own { state.lines[account]?.free = Self.end(of: count, rate, from: own, now) }
            if let rate = rates.all { state.free = Self.end(of: count, rate, from: all, now) }
            return .now(count)
        }
    }

    /// How many bytes a turn has at a rate, while so many bodies wait.
    private func part(_ rate: Int64?, waiting count: Int) -> Int? {
        let time = min(Self.longest, Self.round / max(1, count))
        return rate.map { max(1, Int(Double($0) * (time / .seconds(1)))) }
    }

    private static func end(of count: Int, _ rate: Int64, from free: C.Instant, _ now: C.Instant) -> C.Instant {
        max(free, now.advanced(by: .zero - slack)).advanced(by: .seconds(Double(count) / Double(rate)))
    }
}

extension ByteStream {
    /// The same bytes, no faster than the account's turns allow.
    func limited<C: Clock>(by turns: BandwidthTurns<C>?, of account: String) -> ByteStream
    where C.Duration == Duration {
        guard let turns else { return self }
        // What is in memory is gone in a moment. With a limit, it has to wait for its turn.
        if isReady, turns.isUnlimited(account) { return self }
        let rest = Rest()
        return ByteStream(length: length) { [self] in
            var next = rest.take()
            if next == nil {
                var iterator = makeAsyncIterator()
                next = try await iterator.next()
            }
            guard let chunk = next else { return nil }
            let count = try await turns.take(upTo: chunk.count, of: account)
            rest.put(chunk.part(from: count, most: chunk.count))
            return chunk.part(from: 0, most: count)
        }
    }
}

/// What is left of a chunk.
private final class Rest: Sendable {
    private let chunk = Mutex<Chunk?>(nil)

    func take() -> Chunk? {
        chunk.withLock { chunk in
            defer { chunk = nil }
            return chunk
        }
    }

    func put(_ rest: Chunk) {
        chunk.withLock { $0 = rest.isEmpty ? nil : rest }
    }
}

/// The time of day in the time zone of this machine (`TZ`, or /etc/localtime).
enum LocalTime {
    /// Minutes since midnight: 0 to 1439.
    @Sendable static func minute() -> Int {
        var (now, parts) = (time(nil), tm())
        // localtime_r(3) alone reads the zone once in a process.
        tzset()
        localtime_r(&now, &parts)
        return Int(parts.tm_hour) * 60 + Int(parts.tm_min)
    }
}
