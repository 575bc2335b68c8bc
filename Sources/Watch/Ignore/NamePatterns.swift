import SystemPackage

/// Shell patterns of fnmatch(3) for one name. Names are bytes, so names that are not UTF-8 are matched as well.
///
/// A pattern matches exactly as it is written: small and capital letters differ.
package struct NamePatterns: Sendable, Equatable {
    private let patterns: [NamePattern]
    /// The first bytes of names that may match, and the last ones. Most names match no pattern, and these two say so.
    private var firsts = ByteSet()
    private var lasts = ByteSet()
    /// Whether any name may match, whatever its first and last byte.
    private var takesAny = false

    package init(_ patterns: [String] = []) {
        self.patterns = patterns.map(NamePattern.init)
        for pattern in self.patterns {
            switch pattern.edges {
            case (let first?, _): firsts.insert(first)
            case (nil, let last?): lasts.insert(last)
            case (nil, nil): takesAny = true
            }
        }
    }

    package var isEmpty: Bool { patterns.isEmpty }

    /// Whether one of the patterns matches the name.
    package func match(_ name: FilePath.Component) -> Bool {
        !isEmpty && name.withBorrowedName(match)
    }

    /// The first pattern that matches the name; nil if none does.
    package func first(matching name: FilePath.Component) -> String? {
        name.withBorrowedName(first)
    }

    func match(_ name: BorrowedName) -> Bool {
        mayMatch(name) && patterns.contains { $0.matches(name) }
    }

    func first(matching name: BorrowedName) -> String? {
        patterns.first { $0.matches(name) }?.text
    }

    private func mayMatch(_ name: BorrowedName) -> Bool {
        guard !takesAny, let first = name.bytes.first, let last = name.bytes.last else { return !isEmpty }
        return firsts.contains(first) || lasts.contains(last)
    }
}
