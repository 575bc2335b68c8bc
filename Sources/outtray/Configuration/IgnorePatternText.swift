import SystemPackage
import Watch

/// What is wrong with a pattern of `ignore`. A pattern that can never match, or takes all, costs files.
///
/// Patterns are gitignore's, below the folder. Those in `.outtrayignore` files are not looked at here. There, as for
/// git, one that can never match does nothing.
enum IgnorePatternText {
    /// The fault of each pattern in a list, and what would work instead; nil for a sound one.
    static func troubles(in patterns: [String]) -> [String?] {
        patterns.indices.map { index in
            let pattern = patterns[index]
            if let trouble = trouble(with: pattern) { return trouble }
            // Exceptions that follow may leave something.
            let hasExceptions = patterns[(index + 1)...].contains { $0.hasPrefix("!") }
            return !hasExceptions && takesAll(pattern) ? "this passes over every file: nothing would go up" : nil
        }
    }

    private static func trouble(with pattern: String) -> String? {
        let body = pattern.hasPrefix("!") ? pattern.dropFirst() : pattern[...]
        let names = body.split(separator: "/")
        if pattern.isEmpty { return "an empty pattern matches nothing: leave it out" }
        if pattern.unicodeScalars.contains("\0") { return "no name holds a null character" }
        if names.isEmpty {
            return "this matches nothing; for names that begin with ! write '\\\(pattern)'"
        }
        if body.contains("//") { return "no path below the folder has two slashes in a row" }
        if names.contains(".") || names.contains("..") {
            return "no path below the folder has a . or .. in it: begin with / for the folder itself"
        }
        return NamePatternText.brackets(in: String(body), knowsElements: false) ?? NamePatternText.braces(in: pattern)
    }

    /// Whether the pattern takes each name directly in the folder: `*`, `/**`, `[!.]*`. Dotfiles are passed over
    /// anyway.
    ///
    /// A pattern that matches each name of one byte consumes one byte of any value at most. If it matches a longer name
    /// as well, it has a `*` beside that, and so it takes all.
    private static func takesAll(_ pattern: String) -> Bool {
        let rules = IgnoreRules(adding: [pattern])
        let single = (UInt8(1)...255).filter { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ".") }.map { [$0, 0] }
        let names = single + [Array("ab\0".utf8)]
        return names.allSatisfy { name in
            FilePath.Component(platformString: name.map { CChar(bitPattern: $0) }).map(rules.ignores) ?? true
        }
    }
}
