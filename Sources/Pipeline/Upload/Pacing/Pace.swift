import DequeModule

/// Keeps an account's API calls within its rates: no window of a rate's length ever sees more than its calls.
///
/// A value without clock; ``Pacer`` waits. It remembers the moments of the last calls rather than filling a bucket: a
/// bucket lets twice the allowed calls into one window after a pause, and a strict server answers those with 429.
struct Pace<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    private struct Window: Sendable {
        let rate: CallRate
        var calls: Deque<Instant> = []
    }

    /// What a call may arrive earlier, seen from the server, than its predecessors left here.
    private let margin: Duration
    private var windows: [Window]

    init(_ rates: [CallRate], margin: Duration = .milliseconds(250)) {
        windows = rates.map { Window(rate: $0) }
        self.margin = margin
    }

    /// When the next call may be made, `instant` or later. `sixteenths` is the part of each rate's calls
    /// that may be used (``PaceShare``), rounded down, but never to less than one call.
    func earliest(at instant: Instant, sixteenths: Int = PaceShare<Instant>.full) -> Instant {
        var start = instant
        for window in windows {
            let allowed = max(1, window.rate.calls * sixteenths / PaceShare<Instant>.full)
            guard window.calls.count >= allowed else { continue }
            let oldest = window.calls[window.calls.count - allowed]
            start = max(start, oldest.advanced(by: window.rate.window + margin))
        }
        return start
    }

    /// Counts a call that is made at `start`, which ``earliest(at:)`` allows.
    mutating func record(_ start: Instant) {
        for index in windows.indices {
            windows[index].calls.append(start)
            while windows[index].calls.count > windows[index].rate.calls { windows[index].calls.removeFirst() }
        }
    }
}
