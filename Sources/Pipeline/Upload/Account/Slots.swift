/// How an account's slots are shared between large files and small ones, so that neither holds up the other: a video of an
/// hour no forty photos, and a stream of photos no video.
///
/// - With two slots or more, large files never take all of them: one is left for small files.
/// - Where no large file is on its way and one is due, it gets the next free slot, even if small ones have waited longer.
/// - With one slot there is nothing to share: files go in the order in which they were queued.
///
/// A value without a queue; ``AccountLane`` asks it what to take.
struct Slots: Hashable, Sendable {
    /// The account's concurrency.
    let count: Int
    /// Files on their way.
    private(set) var small = 0
    private(set) var large = 0

    init(_ count: Int) {
        self.count = count
    }

    var taken: Int { small + large }
    var free: Int { max(0, count - taken) }

    /// What to take from the queue now; nil where there is no room.
    var portion: Portion? {
        guard free > 0 else { return nil }
        guard count > 1 else { return .oldest(free, large: 0...free) }
        let most = max(0, min(free, count - 1 - large))
        return .oldest(free, large: (large == 0 ? min(1, most) : 0)...most)
    }

    /// A file of this size is on its way from now on.
    mutating func take(_ size: Int64) {
        if Portion.isLarge(size) { large += 1 } else { small += 1 }
    }

    /// It is not any more.
    mutating func leave(_ size: Int64) {
        if Portion.isLarge(size) { large -= 1 } else { small -= 1 }
    }
}
