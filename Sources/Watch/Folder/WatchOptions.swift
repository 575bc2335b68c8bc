/// How often to look at a folder, and how much of it to watch.
package struct WatchOptions: Sendable, Equatable {
    /// Whether inotify or the clock tells of changes.
    package var mode: WatchMode
    /// The time between two looks at a polled directory. The folder's own place is checked as often.
    package var pollInterval: Duration
    /// The time between two full scans, in case an event was lost. It varies by ten percent, so that folders and
    /// machines do not all scan at once.
    package var rescanInterval: Duration
    /// How many raw events may wait for the folder. Further ones are dropped, and the folder is scanned again.
    package var rawQueueBound: Int
    /// How many directories may be watched. The rest is polled. For users who share their inotify watches with other
    /// programs.
    package var maximumWatches: Int

    /// The defaults are right for nearly everyone.
    package init(
        mode: WatchMode = .auto,
        pollInterval: Duration = .seconds(2),
        rescanInterval: Duration = .seconds(3600),
        rawQueueBound: Int = 65_536,
        maximumWatches: Int = .max
    ) {
        self.mode = mode
        self.pollInterval = pollInterval
        self.rescanInterval = rescanInterval
        self.rawQueueBound = rawQueueBound
        self.maximumWatches = maximumWatches
    }

    /// The time until the next safety scan: `rescanInterval`, ten percent more or less. `chance` is 0 to 1.
    func jitteredRescan(_ chance: Double) -> Duration {
        rescanInterval * (0.9 + 0.2 * chance)
    }
}
