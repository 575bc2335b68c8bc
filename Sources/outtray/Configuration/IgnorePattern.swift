/// What is wrong with a pattern of `ignore`. A pattern that can never match, or matches all, costs files.
///
/// Patterns are fnmatch(3)'s. They are compared with one name, never with a path.
enum IgnorePattern {
    /// The fault and what would work instead; nil if the pattern is sound.
    static func trouble(with pattern: String) -> String? {
        if pattern.isEmpty { return "an empty pattern matches nothing: leave it out" }
        if pattern.unicodeScalars.contains("\0") { return "no name holds a null character" }
        if pattern.unicodeScalars.contains("/") { return slash(in: pattern) }
        if pattern == "." || pattern == ".." { return "no file or directory has this name" }
        if pattern.allSatisfy({ $0 == "*" }) { return "this passes over every file: nothing would go up" }
        if pattern.hasPrefix("!") {
            return "exceptions with ! are not supported; for names that begin with it write '\\\(pattern)'"
        }
        return brackets(in: pattern) ?? braces(in: pattern)
    }

    private static func slash(in pattern: String) -> String {
        let names = pattern.split(separator: "/").filter { $0.contains { $0 != "*" } }
        let words = "a pattern is for one name, not for a path, and no name has a /"
        let name = names.count == 1 ? names.first.map(String.init) : nil
        guard let name, trouble(with: name) == nil else {
            return words + ": write the name alone, of a file or of a directory that is not to be entered"
        }
        return words + ": write \"\(name)\""
    }

    /// A set that does not end is no set for fnmatch. An escape at the end matches nothing.
    private static func brackets(in pattern: String) -> String? {
        var rest = Array(pattern.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\\":
                if rest.popFirst() == nil {
                    return "a \\ at the end matches nothing; for the character itself write \\\\"
                }
            case "[":
                if rest.first == "!" || rest.first == "^" { rest.removeFirst() }
                // A ] that comes first belongs to the set.
                guard let end = rest.dropFirst().firstIndex(of: "]") else {
                    return "a [ without its ]: for the character itself write \"[[]\""
                }
                rest = rest[(end + 1)...]
            default: break
            }
        }
        return nil
    }

    private static func braces(in pattern: String) -> String? {
        guard let open = pattern.firstIndex(of: "{"), let close = pattern[open...].firstIndex(of: "}"),
            pattern[open..<close].contains(",")
        else { return nil }
        let before = pattern[..<open]
        let after = pattern[pattern.index(after: close)...]
        let each = pattern[pattern.index(after: open)..<close].split(separator: ",", omittingEmptySubsequences: false)
        let patterns = each.map { "\"\(before)\($0)\(after)\"" }.joined(separator: ", ")
        return "{a,b} is not known to these patterns: write \(patterns)"
    }
}
