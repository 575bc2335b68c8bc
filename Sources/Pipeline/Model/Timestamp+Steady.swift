extension Timestamp {
    /// Wall time as it would be had nobody set the clock since this process began: for times that are compared with each
    /// other, and kept over a restart. A suspended machine's time counts (`ContinuousClock` is `CLOCK_BOOTTIME` on Linux).
    package static func steady() -> Timestamp {
        steadyStart.advanced(by: anchor.instant.duration(to: .now))
    }

    /// Moments of ``steady()`` since this one are told apart exactly; earlier ones are another process's, whose clock may
    /// have been another one.
    package static var steadyStart: Timestamp { anchor.time }

    /// A due time that has come, whatever any clock says.
    package static let atOnce = Timestamp(milliseconds: 0)

    private static let anchor = (time: Timestamp.now(), instant: ContinuousClock.now)
}
