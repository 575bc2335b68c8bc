/// Which of the due files to claim at once, and how many.
package enum Portion: Hashable, Sendable {
    /// As many files as there is room for, oldest first. The large ones that are owed come first. The first file that
    /// finds no room is the last one looked at, so none is passed over.
    case oldest(SlotRoom)
    /// The smallest file.
    case smallest

    /// A file of at least 32 MiB is large. At 10 Mbit/s, a usual uplink, it takes 27 s. Phone photos, GIFs and nearly
    /// all PDFs stay below this size; videos of more than some seconds do not. The ledger has an index by this number:
    /// changing it needs a migration.
    package static let largeSize: Int64 = 32 << 20

    package static func isLarge(_ size: Int64) -> Bool { size >= largeSize }

    /// Up to this many of the oldest files. `large` bounds how many of them may be large, and says how many must.
    package static func oldest(_ limit: Int, large: ClosedRange<Int>? = nil) -> Portion {
        .oldest(SlotRoom(slots: limit, large: large ?? 0...limit))
    }
}

/// Room for files among the slots of an account.
///
/// Each file takes a slot. Where short files go ahead (``Ahead``), they take none. All of them share the slots that
/// other files leave, one for each of their requests. Such a slot is left as long as there is a short file.
package struct SlotRoom: Hashable, Sendable {
    /// Room for short files that are claimed before a slot is free for their requests.
    package struct Ahead: Hashable, Sendable {
        package var files: Int
        package var bytes: Int64

        package init(files: Int, bytes: Int64) {
            self.files = files
            self.bytes = bytes
        }
    }

    /// Slots that are free, or that short files share.
    private var slots: Int
    /// How many large files may come, and how many must come first.
    package private(set) var large: ClosedRange<Int>
    /// Nil if short files take slots as others do.
    private var ahead: Ahead?
    /// Whether a short file is under way ahead.
    private var hasShort: Bool

    package init(slots: Int, large: ClosedRange<Int>, ahead: Ahead? = nil, hasShort: Bool = false) {
        self.slots = slots
        self.large = large
        self.ahead = ahead
        self.hasShort = hasShort
    }

    /// Whether short files go ahead.
    package var goesAhead: Bool { ahead != nil }

    /// The most files that can find room.
    package var most: Int { slots + (ahead?.files ?? 0) }

    /// Takes the room that a file of this size needs. Returns false if there is none.
    package mutating func take(_ size: Int64) -> Bool {
        guard slots > 0 else { return false }
        if let room = ahead, MediaFile.isShort(size) {
            guard room.files > 0, room.bytes >= size else { return false }
            ahead = Ahead(files: room.files - 1, bytes: room.bytes - size)
            hasShort = true
            return true
        }
        guard slots > (ahead != nil && hasShort ? 1 : 0) else { return false }
        if Portion.isLarge(size) {
            guard large.upperBound > 0 else { return false }
            large = max(0, large.lowerBound - 1)...(large.upperBound - 1)
        }
        slots -= 1
        return true
    }
}
