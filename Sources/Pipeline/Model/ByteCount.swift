/// A number of bytes, written in the configuration as `500MB`, `5GiB` or `1048576`.
package struct ByteCount: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let bytes: Int64

    package init(_ bytes: Int64) {
        self.bytes = bytes
    }

    /// Reads `5GB` (powers of 1000), `5GiB` (powers of 1024), `5 GB`, `1.5MB` or a bare number of bytes. Nil for
    /// anything else, for a negative number, and for more than 63 bits hold.
    package init?(_ text: String) {
        let trimmed = text.filter { $0 != " " }
        let digits = trimmed.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard !digits.isEmpty, let unit = Self.units[trimmed.dropFirst(digits.count).lowercased()] else { return nil }
        if let whole = Int64(digits) {
            let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
            guard !overflow else { return nil }
            bytes = product
        } else {
            guard let fraction = Double(digits), unit > 1 else { return nil }
            let product = fraction * Double(unit)
            guard product < Double(Int64.max) else { return nil }
            bytes = Int64(product)
        }
    }

    package static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }

    /// For people: in the largest decimal unit that gives at least one. It has one decimal, unless the decimal is 0 or
    /// the number is 100 or more.
    package var description: String {
        for (name, unit) in [("GB", Int64(1_000_000_000)), ("MB", 1_000_000), ("kB", 1_000)] where bytes >= unit {
            let whole = bytes / unit
            let rest = bytes % unit / (unit / 10)
            return rest == 0 || whole >= 100 ? "\(whole) \(name)" : "\(whole).\(rest) \(name)"
        }
        return bytes == 1 ? "1 byte" : "\(bytes) bytes"
    }

    private static let units: [String: Int64] = [
        "": 1, "b": 1,
        "k": 1_000, "kb": 1_000, "m": 1_000_000, "mb": 1_000_000, "g": 1_000_000_000, "gb": 1_000_000_000,
        "t": 1_000_000_000_000, "tb": 1_000_000_000_000,
        "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
    ]
}
