/// What to take from the queue at once: how many files, and which of those that are due.
package enum Portion: Hashable, Sendable {
    /// The oldest so many, of which at least and at most so many are large, as far as there are any. Those that there must
    /// be come first.
    case oldest(Int, large: ClosedRange<Int>)
    /// The smallest one.
    case smallest

    /// Files of at least so many bytes are large: 32 MiB. At 10 Mbit/s, a usual uplink, that is 27 s; phone photos, GIFs and
    /// nearly all PDFs stay below it, videos of more than some seconds do not. The ledger has an index by it: another
    /// number needs a migration.
    package static let largeSize: Int64 = 32 << 20

    package static func isLarge(_ size: Int64) -> Bool { size >= largeSize }

    /// So many of the oldest, whatever their size.
    package static func oldest(_ limit: Int) -> Portion { .oldest(limit, large: 0...limit) }
}
