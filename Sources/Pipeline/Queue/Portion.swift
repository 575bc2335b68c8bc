/// Which of the due files to claim at once, and how many.
package enum Portion: Hashable, Sendable {
    /// Up to this many files, oldest first. `large` bounds how many of them may be large; the required large ones come
    /// first.
    case oldest(Int, large: ClosedRange<Int>)
    /// The smallest file.
    case smallest

    /// A file of at least 32 MiB is large. At 10 Mbit/s, a usual uplink, it takes 27 s. Phone photos, GIFs and nearly
    /// all PDFs stay below this size; videos of more than some seconds do not. The ledger has an index by this number:
    /// changing it needs a migration.
    package static let largeSize: Int64 = 32 << 20

    package static func isLarge(_ size: Int64) -> Bool { size >= largeSize }

    /// Up to this many of the oldest files, whatever their size.
    package static func oldest(_ limit: Int) -> Portion { .oldest(limit, large: 0...limit) }
}
