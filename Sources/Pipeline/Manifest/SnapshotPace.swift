/// When the next snapshot may be written: at most every `interval`, and never for more than a tenth of the time.
/// Somebody who waits for it need not wait for the interval (``earliest``).
///
/// Only work counts. A write is many small steps. In a long step, the time beyond ``longestStep`` is no work: the
/// process was stopped, or the disk did not answer. A pause would not help against that. So one such stop leads to a
/// pause of a few seconds at most.
///
/// A value without clock, so that the rule is tested by calling it.
struct SnapshotPace<Instant: InstantProtocol> where Instant.Duration == Duration {
    /// Half a second: a slow disk's fsync is work, several seconds in one step are not.
    static var longestStep: Duration { .milliseconds(500) }
    /// The pause after a write is this many times as long as the work. So the work is a tenth of both.
    private static var pauses: Int { 9 }

    private let interval: Duration
    /// When the next write may begin.
    private(set) var next: Instant
    /// When it may begin if somebody waits for it.
    private(set) var earliest: Instant
    private var start: Instant
    private var last: Instant
    private var work = Duration.zero

    init(interval: Duration, at now: Instant) {
        self.interval = interval
        next = now
        earliest = now
        start = now
        last = now
    }

    mutating func begin(at now: Instant) {
        start = now
        last = now
        work = .zero
    }

    /// Counts one step of the write that has ended.
    mutating func step(at now: Instant) {
        work += min(last.duration(to: now), Self.longestStep)
        last = now
    }

    mutating func end(at now: Instant) {
        step(at: now)
        earliest = now.advanced(by: work * Self.pauses)
        next = max(start.advanced(by: interval), earliest)
    }
}
