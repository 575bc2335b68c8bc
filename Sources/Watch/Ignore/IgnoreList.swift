/// Patterns of gitignore(5) for one directory and all below it, in order. The last one that matches decides.
package struct IgnoreList: Sendable, Equatable {
    private let patterns: [GitignorePattern]
    /// The first bytes of names that a pattern for names may match, and the last ones. Most names match none, and these
    /// two say so.
    private var firsts = ByteSet()
    private var lasts = ByteSet()
    /// Whether any name may match, whatever its first and last byte.
    private var takesAny = false
    /// Whether a pattern is for paths. If not, only names matter.
    let hasPaths: Bool
    private let ignoresCase: Bool

    private init(_ patterns: [GitignorePattern], ignoringCase: Bool) {
        self.patterns = patterns
        ignoresCase = ignoringCase
        hasPaths = patterns.contains(where: \.isForPaths)
        for pattern in patterns where !pattern.isForPaths {
            switch pattern.edges {
            case (let first?, _): firsts.insert(first)
            case (nil, let last?): lasts.insert(last)
            case (nil, nil): takesAny = true
            }
        }
    }

    /// Patterns of the configuration, each whole: no comments, and a space at the end counts.
    package init(_ patterns: [String] = [], ignoringCase: Bool = false) {
        let all = patterns.enumerated().map {
            GitignorePattern(Array($1.utf8), number: $0, ignoringCase: ignoringCase)
        }
        self.init(all, ignoringCase: ignoringCase)
    }

    /// The content of a file: a pattern a line. Lines that are blank or begin with `#` have none.
    package init(file bytes: [UInt8], ignoringCase: Bool = false) {
        var rest = bytes[...]
        // The mark of UTF-8 that editors of Windows write.
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        var patterns: [GitignorePattern] = []
        for (index, line) in rest.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            guard line.first != UInt8(ascii: "#"), let pattern = Self.pattern(in: line) else { continue }
            patterns.append(GitignorePattern(pattern, number: index + 1, ignoringCase: ignoringCase))
        }
        self.init(patterns, ignoringCase: ignoringCase)
    }

    /// The pattern of a line: without a carriage return at its end, and without the spaces at its end that no `\`
    /// escapes. Nil if nothing is left.
    private static func pattern(in line: ArraySlice<UInt8>) -> [UInt8]? {
        var line = line.prefix { $0 != 0 }
        if line.last == 13 { line.removeLast() }
        var (place, end) = (line.startIndex, line.startIndex)
        while place < line.endIndex {
            let isEscape = line[place] == .backslash
            let next = min(place + (isEscape ? 2 : 1), line.endIndex)
            if isEscape || line[place] != UInt8(ascii: " ") { end = next }
            place = next
        }
        return end == line.startIndex ? nil : Array(line[..<end])
    }

    var isEmpty: Bool { patterns.isEmpty }
    /// How many patterns it has.
    var count: Int { patterns.count }

    /// The last pattern that matches; nil if none does.
    ///
    /// `path` is the path below the list's directory, and `name` its last component.
    func last(
        matching name: UnsafeRawBufferPointer,
        _ path: UnsafeRawBufferPointer,
        isDirectory: Bool
    ) -> GitignorePattern? {
        let mayMatchName = mayMatch(name)
        guard mayMatchName || hasPaths else { return nil }
        return patterns.last { pattern in
            guard isDirectory || !pattern.isForDirectories else { return false }
            return pattern.isForPaths ? pattern.matches(path) : mayMatchName && pattern.matches(name)
        }
    }

    private func mayMatch(_ name: UnsafeRawBufferPointer) -> Bool {
        guard !takesAny, let first = name.first, let last = name.last else { return !isEmpty }
        return ignoresCase
            ? firsts.contains(first.small) || lasts.contains(last.small)
            : firsts.contains(first) || lasts.contains(last)
    }
}
