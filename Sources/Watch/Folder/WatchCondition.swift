import Threads

/// How a folder is watched at present.
package struct WatchCondition: Sendable, Equatable {
    /// Directories that inotify tells of.
    package var directories = 0
    /// Directories that are looked at by the clock.
    package var polledDirectories = 0
    /// Why directories are polled, and how many for each cause.
    package var pollCauses: [PollCause: Int] = [:]
    /// The time between two looks at a polled directory.
    package var pollInterval = WatchOptions().pollInterval
    /// The time between two looks at the folder's place.
    package var rootInterval = WatchOptions().rootInterval
    /// When the last whole scan ended; nil before the first.
    package var lastScan: ContinuousClock.Instant?
    package var nextScan: ContinuousClock.Instant?
    /// How often events were lost.
    package var overflows = 0
    /// Why the folder is not found at its path; nil if it is there.
    package var trouble: String?

    package init() {}
}

/// Where a folder's thread writes how the folder is watched, for others to read.
final class WatchGauge: Sendable {
    private let state = Mutex(WatchCondition())

    var condition: WatchCondition { state.withLock { $0 } }

    func change(_ body: (inout WatchCondition) -> Void) {
        state.withLock { body(&$0) }
    }
}
