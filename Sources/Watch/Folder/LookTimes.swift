/// When to look again: at the folder's own place, at the polled directories, and at everything.
///
/// Only polled directories follow `poll_interval`. The other pauses are fixed: a long interval must not delay the
/// return of a folder that is away, and a short one must not have it scanned all the time.
struct LookTimes {
    typealias Instant = ContinuousClock.Instant

    /// How long a scan is put off after one that could not read everything, at least.
    static let shortestPause = Duration.seconds(10)

    private let options: WatchOptions
    /// When the folder's own place is looked at.
    private(set) var nextRootCheck: Instant
    private(set) var nextPoll: Instant
    private(set) var nextScan: Instant
    /// How long the present round of polling has taken so far. Walks, and waits for the consumer, do not count.
    private var pollTook = Duration.zero
    /// When the present scan began; nil if none is under way.
    private var scanBegan: Instant?
    /// How long the last scan took.
    private var scanTook = Duration.zero
    /// Whether the present scan could not read everything so far.
    private var isHastened = false

    init(_ options: WatchOptions, at now: Instant) {
        self.options = options
        nextRootCheck = now
        nextPoll = now
        nextScan = now
        planScan(at: now)
    }

    /// The time of the next look of any kind. `isPolling`: whether there are polled directories.
    func next(isPolling: Bool) -> Instant {
        let next = min(nextRootCheck, nextScan)
        return isPolling ? min(next, nextPoll) : next
    }

    /// Plans the next safety scan.
    mutating func planScan(at now: Instant) {
        nextScan = now + options.jitteredRescan(.random(in: 0...1))
    }

    /// A scan begins. The next one is planned.
    mutating func beginScan(at now: Instant) {
        planScan(at: now)
        scanBegan = now
        isHastened = false
    }

    /// The scan is over, or was given up.
    mutating func endScan(at now: Instant) {
        guard let began = scanBegan else { return }
        scanBegan = nil
        scanTook = began.duration(to: now)
        if isHastened { hastenScan(at: now) }
        isHastened = false
    }

    /// Has the next scan come soon, as something could not be read: after ten seconds, or four times as long as the
    /// last scan took. While a scan is under way, the pause begins at its end.
    mutating func hastenScan(at now: Instant) {
        if scanBegan != nil {
            isHastened = true
        } else {
            nextScan = min(nextScan, now + max(Self.shortestPause, scanTook * 4))
        }
    }

    /// Has the next scan come at once.
    mutating func wantScan(at now: Instant) {
        nextScan = min(nextScan, now)
    }

    /// Plans the next look at the folder's place. Such looks may take at most a fifth of the time. `took`: how long the
    /// last one took.
    mutating func planRootCheck(at now: Instant, after took: Duration) {
        nextRootCheck = now + max(options.rootInterval, took * 4)
    }

    /// Begins a round of polling.
    mutating func beginPolling() {
        pollTook = .zero
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
