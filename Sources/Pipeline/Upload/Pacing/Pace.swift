import DequeModule

/// Keeps an account's API calls within its rates. No window of a rate's length ever sees more calls than the rate
/// allows.
///
/// A value without clock; ``Pacer`` waits. It remembers the moments of the last calls instead of filling a bucket.
/// After a pause, a bucket lets twice the allowed calls into one window. A strict server answers those with 429.
struct Pace<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    private struct Window: Sendable {
        let rate: CallRate
        /// The latest calls, in order of their moments.
        var calls: Deque<Call> = []

        /// Inserts a call in order, and forgets calls that are too old to matter.
        mutating func insert(_ call: Call) {
            let place = calls.lastIndex { $0.moment <= call.moment }.map { $0 + 1 } ?? 0
            calls.insert(call, at: place)
            while calls.count > rate.calls { calls.removeFirst() }
        }
    }

    private struct Call: Sendable {
        /// When the call was made. After its answer: the latest time at which the server counted it, less the margin.
        let moment: Instant
        var isAnswered = false
    }

    /// How much longer a call may travel than a later one. It applies until the call's answer shows its own time.
    private let margin: Duration
    private var windows: [Window]

    init(_ rates: [CallRate], margin: Duration = .milliseconds(250)) {
        windows = rates.map { Window(rate: $0) }
        self.margin = margin
    }

    /// Changes the rates, and keeps the calls that are remembered.
    mutating func keep(_ rates: [CallRate]) {
        guard rates != windows.map(\.rate) else { return }
        let calls = windows.map(\.calls).max { $0.count < $1.count } ?? []
        windows = rates.map { Window(rate: $0, calls: Deque(calls.suffix($0.calls))) }
    }

    /// Counts a call that an earlier process made at this moment or before.
    mutating func restore(_ moment: Instant) {
        for index in windows.indices { windows[index].insert(Call(moment: moment, isAnswered: true)) }
    }

    /// When the next call may be made: at `instant` or later.
    ///
    /// `sixteenths` is the usable part of each rate's calls (``PaceShare``). It is rounded down, but never to less than
    /// one call.
    func earliest(at instant: Instant, sixteenths: Int = PaceShare<Instant>.full) -> Instant {
        var start = instant
        for window in windows {
            let allowed = max(1, window.rate.calls * sixteenths / PaceShare<Instant>.full)
            guard window.calls.count >= allowed else { continue }
            let oldest = window.calls[window.calls.count - allowed]
            start = max(start, oldest.moment.advanced(by: window.rate.window + margin))
        }
        return start
    }

    /// How many calls could be made at `instant` at once. `sixteenths` as above.
    func free(at instant: Instant, sixteenths: Int = PaceShare<Instant>.full) -> Int {
        windows.map { window in
            let allowed = max(1, window.rate.calls * sixteenths / PaceShare<Instant>.full)
            // In order of their moments: the calls that no longer count come first.
            var (low, high) = (0, window.calls.count)
            while low < high {
                let middle = (low + high) / 2
                let counts = window.calls[middle].moment.advanced(by: window.rate.window + margin) > instant
                if counts { high = middle } else { low = middle + 1 }
            }
            return allowed - (window.calls.count - low)
        }.min() ?? .max
    }

    /// The rates, each with the calls of the last window.
    func conditions(at instant: Instant) -> [AccountCondition.Rate] {
        windows.map { window in
            AccountCondition.Rate(
                calls: window.rate.calls,
                window: window.rate.window,
                used: window.calls.count { $0.moment.advanced(by: window.rate.window) > instant }
            )
        }
    }

    /// Counts a call that is made at `start`, as ``earliest(at:sixteenths:)`` allows.
    mutating func record(_ start: Instant) {
        for index in windows.indices { windows[index].insert(Call(moment: start)) }
    }

    /// Notes that a call made at `start`, or a moment before, was answered at `end` or failed.
    ///
    /// The server may have counted the call as late as `end`: a packet was lost, or the machine stood still. So its
    /// windows may begin that late.
    mutating func answered(_ start: Instant, at end: Instant) {
        let latest = max(start, end.advanced(by: .zero - margin))
        for index in windows.indices {
            let place = windows[index].calls.lastIndex { !$0.isAnswered && $0.moment <= start }
            if let place { windows[index].calls.remove(at: place) }
            windows[index].insert(Call(moment: latest, isAnswered: true))
        }
    }
}
