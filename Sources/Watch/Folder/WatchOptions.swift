/// How hard to look.
package struct WatchOptions: Sendable {
    /// Between two passes over everything, in case an event was lost. Varied by ten percent, so that folders and
    /// machines do not all look at once.
    package var rescanInterval: Duration
    /// Between two looks at what cannot be watched, and at whether a folder is still (or again) in its place.
    package var pollInterval: Duration
    /// How many raw events may wait, for each folder; past that they are dropped and the folder is scanned again.
    package var rawQueueBound: Int
    /// How many directories each folder may watch; the rest is polled. For those who share the user's inotify watches
    /// with other programs.
    package var maximumWatches: Int
    /// Never watch, always poll: for file systems that do not tell of changes and are not known here.
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

    /// The time until the next safety pass: `rescanInterval`, ten percent more or less; `chance` is 0 to 1.
    func jitteredRescan(_ chance: Double) -> Duration {
        rescanInterval * (0.9 + 0.2 * chance)
    }
}
