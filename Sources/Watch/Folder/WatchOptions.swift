/// How often to look at a folder, and how much of it to watch.
package struct WatchOptions: Sendable, Equatable {
    /// Whether inotify or the clock tells of changes.
    package var mode: WatchMode
    /// The time between two looks at a polled directory.
    package var pollInterval: Duration
    /// The time between two looks at the folder's own place. No key of the configuration sets it.
    package var rootInterval: Duration
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
        rootInterval: Duration = .seconds(2),
        rescanInterval: Duration = .seconds(3600),
        rawQueueBound: Int = 65_536,
        maximumWatches: Int = .max
    ) {
        self.mode = mode
        self.pollInterval = pollInterval
        self.rootInterval = rootInterval
        self.rescanInterval = rescanInterval
        self.rawQueueBound = rawQueueBound
        self.maximumWatches = maximumWatches
    }

    /// The time until the next safety scan: `rescanInterval`, ten percent more or less. `chance` is 0 to 1.
    func jitteredRescan(_ chance: Double) -> Duration {
        rescanInterval * (0.9 + 0.2 * chance)
    }
}
