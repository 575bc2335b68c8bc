/// How short, other and large files share an account's slots, so that none holds up the others.
///
/// A video of an hour must not hold up forty photos, nor a stream of photos a video.
///
/// - With two slots or more, large files never take all of them. One slot is left for other files.
/// - If no large file is under way and one is due, it gets the next free slot. Other files may have waited longer.
/// - With one slot there is nothing to share. Files go in the order in which they were queued.
/// - Slots are for transfers. While all goes well, short files are claimed ahead of them: what is opened, read and
///   recorded for one file goes on beside the requests of others. Only a request of theirs takes a slot (``Wire``).
/// - With one slot, and after a failed try, short files take slots as others do: a refusal may mean them all.
///
/// A value without a queue; ``AccountLane`` asks it what to take.
struct Slots: Hashable, Sendable {
    /// So many short files are under way at most. Their records share commits. With 160, 5,000 photos of 20 kB cost as
    /// much CPU time as with 64.
    static let mostShort = 64
    /// So many bytes of short files at most, in bytes: they are in memory.
    static let mostShortBytes: Int64 = 4 << 20

    /// After so many files in a row that went up, short files go ahead.
    static let proof = 16

    /// The account's concurrency.
    let count: Int
    /// How many files have gone up since the last failed try, up to ``proof``.
    private var inARow = 0
    /// Files under way.
    private(set) var short = 0
    private(set) var shortBytes: Int64 = 0
    /// Neither short nor large.
    private(set) var medium = 0
    private(set) var large = 0

    init(_ count: Int) {
        self.count = count
    }

    /// How many files are under way.
    var taken: Int { short + medium + large }

    /// Whether there may be room for another file.
    var hasRoom: Bool { portion(calls: .max) != nil }

    /// What to take from the queue now; nil if there is no room.
    ///
    /// `calls`: how many calls the account's pace allows at once. A file may need two of them, and the files under way
    /// may not have made theirs. Without enough calls, files would wait for the pace where they wait for a slot
    /// otherwise. Then short files take slots as others do.
    func portion(calls: Int) -> Portion? {
        let paid = calls / 2 - short
        let ahead = SlotRoom.Ahead(
            files: min(Self.mostShort - short, paid),
            bytes: Self.mostShortBytes - shortBytes
        )
        let goesAhead = count > 1 && inARow == Self.proof && paid > count
        let slots = count - medium - large - (goesAhead ? 0 : short)
        guard slots > 0, !goesAhead || ahead.files > 0 || slots > 1 else { return nil }
        let most = count > 1 ? max(0, min(slots, count - 1 - large)) : slots
        return .oldest(
            SlotRoom(
                slots: slots,
                large: (count > 1 && large == 0 ? min(1, most) : 0)...most,
                ahead: goesAhead ? ahead : nil,
                hasShort: short > 0
            )
        )
    }

    /// Notes how a try ended.
    mutating func note(isUp: Bool) {
        inARow = isUp ? min(inARow + 1, Self.proof) : 0
    }

    /// Notes that a file of this size is under way.
    mutating func occupy(_ size: Int64) { count(size, 1) }

    /// Notes that a file of this size is no longer under way.
    mutating func release(_ size: Int64) { count(size, -1) }

    private mutating func count(_ size: Int64, _ step: Int) {
        if MediaFile.isShort(size) {
            short += step
            shortBytes += size * Int64(step)
        } else if Portion.isLarge(size) {
            large += step
        } else {
            medium += step
        }
    }
}
