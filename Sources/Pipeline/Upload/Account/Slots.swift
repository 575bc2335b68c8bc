/// How large and small files share an account's slots, so that neither holds up the other.
///
/// A video of an hour must not hold up forty photos, nor a stream of photos a video.
///
/// - With two slots or more, large files never take all of them. One slot is left for small files.
/// - If no large file is under way and one is due, it gets the next free slot. Small files may have waited longer.
/// - With one slot there is nothing to share. Files go in the order in which they were queued.
///
/// A value without a queue; ``AccountLane`` asks it what to take.
struct Slots: Hashable, Sendable {
    /// The account's concurrency.
    let count: Int
    /// Files under way.
    private(set) var small = 0
    private(set) var large = 0

    init(_ count: Int) {
        self.count = count
    }

    var taken: Int { small + large }
    var free: Int { max(0, count - taken) }

    /// What to take from the queue now; nil if there is no room.
    var portion: Portion? {
        guard free > 0 else { return nil }
        guard count > 1 else { return .oldest(free, large: 0...free) }
        let most = max(0, min(free, count - 1 - large))
        return .oldest(free, large: (large == 0 ? min(1, most) : 0)...most)
    }

    /// Notes that a file of this size is under way.
    mutating func occupy(_ size: Int64) {
        if Portion.isLarge(size) { large += 1 } else { small += 1 }
    }

    /// Notes that a file of this size is no longer under way.
    mutating func release(_ size: Int64) {
        if Portion.isLarge(size) { large -= 1 } else { small -= 1 }
    }
}
