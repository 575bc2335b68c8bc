/// When to look again: at the polled directories, and at everything.
struct LookTimes {
    typealias Instant = ContinuousClock.Instant

    private let options: WatchOptions
    private(set) var nextPoll: Instant
    private(set) var nextScan: Instant
    /// How long the present round of polling has taken so far. Walks, and waits for the consumer, do not count.
    private var pollTook = Duration.zero

    init(_ options: WatchOptions, at now: Instant) {
        self.options = options
        nextPoll = now
        nextScan = now
        planScan(at: now)
    }

    /// The time of the next look of any kind.
    var next: Instant { min(nextPoll, nextScan) }

    /// Plans the next safety scan.
    mutating func planScan(at now: Instant) {
        nextScan = now + options.jitteredRescan(.random(in: 0...1))
    }

    /// Has the next scan come soon, as the last one could not read everything. `pause`: the longest time until then;
    /// nil for five poll intervals.
    mutating func hastenScan(at now: Instant, within pause: Duration? = nil) {
        nextScan = min(nextScan, now + (pause ?? options.pollInterval * 5))
    }

    /// Begins a round of polling, whose first look took this long.
    mutating func beginPolling(_ took: Duration) {
        pollTook = took
    }

    /// Counts a look of the present round.
    mutating func count(_ took: Duration) {
        pollTook += took
    }

    /// Plans the next round of polling: after the poll interval, or later if this round was slow. Polling may take at
    /// most a fifth of the time.
    mutating func planPoll(at now: Instant) {
        nextPoll = now + max(options.pollInterval, pollTook * 4)
    }
}
