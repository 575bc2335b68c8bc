import Glibc

/// Holds up this thread until an instant has come. For a thread of its own, and for moments.
func nap(until end: ContinuousClock.Instant) {
    let left = ContinuousClock.now.duration(to: end)
    guard left > .zero else { return }
    let (seconds, attoseconds) = left.components
    var rest = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    nanosleep(&rest, nil)
}
