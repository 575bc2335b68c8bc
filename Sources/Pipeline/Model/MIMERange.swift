/// A MIME type, or all types of a family: `image/jpeg`, `image/*`. As a media range of RFC 9110, without parameters.
package struct MIMERange: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Lowers the letters, as types are compared without regard to case. Nil for any other text.
    package init?(_ text: String) {
        let lower = text.lowercased()
        let parts = lower.split(separator: "/", omittingEmptySubsequences: false)
        let isToken = { (part: Substring) in
            !part.isEmpty
                && part.utf8.allSatisfy {
                    (97...122).contains($0) || (48...57).contains($0) || "!#$&^_.+-".utf8.contains($0)
                }
        }
        guard parts.count == 2, isToken(parts[0]), parts[1] == "*" || isToken(parts[1]) else { return nil }
        description = lower
    }

    package func contains(_ type: MIMEType) -> Bool {
        description.hasSuffix("/*") ? description.dropLast(2) == type.family : description == type.rawValue
    }
}
