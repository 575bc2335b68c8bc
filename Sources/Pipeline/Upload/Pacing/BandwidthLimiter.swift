import Glibc
import Threads

/// Keeps all bodies that pass it to one ``Bandwidth``, together.
///
/// Each part of a body has its time by the rate: the next part goes when that time is over. So over some seconds the
/// rate is kept to the byte, and a body that comes after a pause begins at once.
final class BandwidthLimiter<C: Clock>: Sendable where C.Duration == Duration {
    private struct State {
        var bandwidth = Bandwidth.unlimited
        /// When the next part may go.
        var next: C.Instant
    }

    /// How long one part takes by the rate. Short, so that uploads side by side take turns, and so that another rate
    /// is in force soon.
    private static var partTime: Duration { .milliseconds(100) }
    /// How much time may be made up for, where a part went late. A timer wakes a millisecond or two late each time.
    private static var slack: Duration { .milliseconds(50) }

    private let clock: C
    private let minute: @Sendable () -> Int
    private let state: Mutex<State>

    /// `minute`: the minute of the day now.
    init(clock: C, minute: @escaping @Sendable () -> Int = LocalTime.minute) {
        self.clock = clock
        self.minute = minute
        state = Mutex(State(next: clock.now))
    }

    /// Puts another bandwidth in force. Parts that wait already go as they would have gone.
    func set(_ bandwidth: Bandwidth) {
        state.withLock { $0.bandwidth = bandwidth }
    }

    private var rate: Int64? { state.withLock { $0.bandwidth }.rate(at: minute()) }

    /// How many bytes go at a time now; nil for no limit.
    var part: Int? {
        rate.map { max(1, Int($0) * Int(Self.partTime / .milliseconds(1)) / 1000) }
    }

    /// Waits until so many bytes may go. Throws only `CancellationError`.
    func pass(_ bytes: Int) async throws {
        guard let rate else { return }
        let now = clock.now
        let begin = state.withLock { state in
            let begin = max(state.next, now.advanced(by: .zero - Self.slack))
            state.next = begin.advanced(by: .nanoseconds(Int64(Double(bytes) / Double(rate) * 1e9)))
            return begin
        }
        if begin > now { try await clock.sleep(until: begin, tolerance: nil) }
    }
}

/// The limiters of a process: one for all its bytes, and one for each account of the configuration. They outlive a
/// reload, as uploads do.
final class Bandwidths<C: Clock>: Sendable where C.Duration == Duration {
    private let clock: C
    private let all: BandwidthLimiter<C>
    private let accounts = Mutex<[String: BandwidthLimiter<C>]>([:])

    init(clock: C) {
        self.clock = clock
        all = BandwidthLimiter(clock: clock)
    }

    /// What the bodies of an account pass.
    func limiters(of account: String) -> [BandwidthLimiter<C>] {
        [own(account), all]
    }

    /// Puts the bandwidths of a plan in force, also for uploads under way.
    func apply(_ plan: PipelinePlan) {
        all.set(plan.bandwidth)
        for account in plan.accounts { own(account.name).set(account.bandwidth) }
    }

    private func own(_ account: String) -> BandwidthLimiter<C> {
        accounts.withLock { accounts in
            let limiter = accounts[account] ?? BandwidthLimiter(clock: clock)
            accounts[account] = limiter
            return limiter
        }
    }
}

extension ByteStream {
    /// The same bytes, no faster than all `limiters` allow. While one has a limit, they come in parts of a tenth of a
    /// second.
    func limited<C: Clock>(by limiters: [BandwidthLimiter<C>]) -> ByteStream where C.Duration == Duration {
        // What is in memory is gone in a moment. With a limit, it has to wait for its turn.
        if isReady, limiters.allSatisfy({ $0.part == nil }) { return self }
        let rest = Rest()
        return ByteStream(length: length) { [self] in
            var next = rest.take()
            if next == nil {
                var iterator = makeAsyncIterator()
                next = try await iterator.next()
            }
            guard let chunk = next else { return nil }
            let most = limiters.compactMap(\.part).min() ?? chunk.count
            let part = chunk.part(from: 0, most: most)
            rest.put(chunk.part(from: part.count, most: chunk.count))
            for limiter in limiters { try await limiter.pass(part.count) }
            return part
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
        localtime_r(&now, &parts)
        return Int(parts.tm_hour) * 60 + Int(parts.tm_min)
    }
}
