import Threads

/// The end of a lane when the process is told to stop.
extension AccountLane {
    /// How often the tries under way are looked at.
    private var pause: Duration { .milliseconds(250) }

    /// Begins nothing more. Returns when all tries under way have ended, or at the deadline.
    ///
    /// Tries that can finish until then go on (``LastTries``). All others are broken off at once. Their files stay
    /// `uploading` in the ledger, and the next start goes on from their last recorded step.
    func finish(until deadline: C.Instant) async {
        isEnding = true
        bell.ring()
        while !underWay.paths.isEmpty, !Task.isCancelled {
            let now = clock.now
            guard now < deadline else { return }
            underWay.recallOthers(within: now.duration(to: deadline), at: now)
            await tryEnded.wait(until: min(deadline, now.advanced(by: pause)), clock: clock)
        }
    }
}
