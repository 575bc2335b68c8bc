/// How often to look, and how much to watch.
package struct WatchOptions: Sendable {
    /// The time between two full scans, in case an event was lost. It varies by ten percent, so that folders and
    /// machines do not all scan at once.
    package var rescanInterval: Duration
    /// The time between two looks at a polled directory. The folder's own place is checked as often.
    package var pollInterval: Duration
    /// How many raw events may wait for each folder. Further ones are dropped, and the folder is scanned again.
    package var rawQueueBound: Int
    /// How many directories each folder may watch. The rest is polled. For users who share their inotify watches with
    /// other programs.
    package var maximumWatches: Int
    /// Polls everything and watches nothing. For file systems that do not report changes and are not known here.
    package var pollsOnly: Bool

    /// The defaults are right for nearly everyone.
    package init(
        rescanInterval: Duration = .seconds(3600),
        pollInterval: Duration = .seconds(2),
        rawQueueBound: Int = 65_536,
        maximumWatches: Int = .max,
        pollsOnly: Bool = false
    ) {
        self.rescanInterval = rescanInterval
        self.pollInterval = pollInterval
        self.rawQueueBound = rawQueueBound
        self.maximumWatches = maximumWatches
        self.pollsOnly = pollsOnly
    }

    /// The time until the next safety scan: `rescanInterval`, ten percent more or less. `chance` is 0 to 1.
    func jitteredRescan(_ chance: Double) -> Duration {
        rescanInterval * (0.9 + 0.2 * chance)
    }
}
