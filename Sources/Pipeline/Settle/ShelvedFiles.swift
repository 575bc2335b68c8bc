/// Files of one folder that wait for long, and for which its settle window has no room. Only the ledger has them.
///
/// A value without the files themselves, so its size is the same for any number of them.
struct ShelvedFiles<Instant: InstantProtocol> where Instant.Duration == Duration {
    /// When the first of them may be due; nil if none has a time.
    var next: Instant?
    /// When the last of those is due that are in their first quiet time. A pass waits for that.
    var restingUntil: Instant?
    /// Whether some of them wait for their markers.
    var hasUnmarked = false
    /// Whether files that are due are being taken.
    var isTaking = false

    /// Notes one more file. `due`: nil if it waits for its marker.
    mutating func add(due: Instant?, isInFirstRound: Bool) {
        guard let due else {
            hasUnmarked = true
            return
        }
        next = next.map { min($0, due) } ?? due
        if isInFirstRound { restingUntil = restingUntil.map { max($0, due) } ?? due }
    }
}
