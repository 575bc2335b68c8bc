extension Timestamp {
    /// Wall time that no change of the clock during this process affects. It is for times that are compared with each
    /// other and kept over a restart. A suspended machine's time counts (`ContinuousClock` is `CLOCK_BOOTTIME` on
    /// Linux).
    package static func steady() -> Timestamp {
        steadyStart.advanced(by: anchor.instant.duration(to: .now))
    }

    /// The first moment of ``steady()`` in this process. Later moments compare exactly. Earlier ones come from another
    /// process, perhaps by another clock.
    package static var steadyStart: Timestamp { anchor.time }

    /// A due time that has come, whatever any clock says.
    package static let atOnce = Timestamp(milliseconds: 0)

    private static let anchor = (time: Timestamp.now(), instant: ContinuousClock.now)
}
