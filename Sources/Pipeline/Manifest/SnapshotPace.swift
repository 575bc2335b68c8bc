/// When the next snapshot may be written: at most every `interval`, and never more than a tenth of the time.
///
/// What counts is work. A write is many small steps; of one that takes long, what goes beyond ``longestStep`` is time in
/// which all stood still (the process was stopped, the disk did not answer), and pausing for that helps nobody: so one
/// such stop leads to a pause of a few seconds at most. A value without clock, so that the rule is tested by calling it.
struct SnapshotPace<Instant: InstantProtocol> where Instant.Duration == Duration {
    /// Half a second: an fsync of a slow disk is work, several seconds in one step are not.
    static var longestStep: Duration { .milliseconds(500) }
    /// The pause after a write is so many times as long as the work, which is then a tenth of both.
    private static var pauses: Int { 9 }

    private let interval: Duration
    /// When the next write may begin.
    private(set) var next: Instant
    private var start: Instant
    private var last: Instant
    private var work = Duration.zero

    init(interval: Duration, at now: Instant) {
        self.interval = interval
        next = now
        start = now
        last = now
    }

    mutating func begin(at now: Instant) {
        start = now
        last = now
        work = .zero
    }

    /// One step of the write has ended.
    mutating func step(at now: Instant) {
        work += min(last.duration(to: now), Self.longestStep)
        last = now
    }

    mutating func end(at now: Instant) {
        step(at: now)
        next = max(start.advanced(by: interval), now.advanced(by: work * Self.pauses))
    }
}
