/// What a number may be: at least this, at most that. A bound that is nil does not hold.
package struct Bounds: Hashable, Sendable {
    package var least: Int64?
    package var most: Int64?

    package init(least: Int64? = nil, most: Int64? = nil) {
        self.least = least
        self.most = most
    }

    package static let none = Bounds()

    package func contains(_ number: Int64) -> Bool { !isTooLittle(number) && !isTooMuch(number) }

    package func isTooLittle(_ number: Int64) -> Bool { least.map { number < $0 } ?? false }

    package func isTooMuch(_ number: Int64) -> Bool { most.map { number > $0 } ?? false }

    /// Whether no number is within both bounds.
    package var isEmpty: Bool {
        guard let least, let most else { return false }
        return least > most
    }

    /// The numbers that are within both.
    package func narrowed(by other: Bounds) -> Bounds {
        Bounds(
            least: [least, other.least].compactMap(\.self).max(),
            most: [most, other.most].compactMap(\.self).min()
        )
    }

    /// Whether these bounds, where they say something, allow what `other` does not.
    package func exceeds(_ other: Bounds) -> Bool {
        least.map { other.isTooLittle($0) || other.isTooMuch($0) } ?? false
            || most.map { other.isTooMuch($0) || other.isTooLittle($0) } ?? false
    }
}
