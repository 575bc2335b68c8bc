import Glibc

/// What is wrong with a pattern of `sidecars` or `settle`. A pattern that can never match, or matches all, costs files.
///
/// Patterns are fnmatch(3)'s. They are compared with one name, never with a path.
enum NamePatternText {
    /// The fault and what would work instead; nil if the pattern is sound.
    ///
    /// `all`: what is wrong with a pattern that matches all names.
    static func trouble(
        with pattern: String,
        all: String = "this passes over every file: nothing would go up"
    ) -> String? {
        if pattern.isEmpty { return "an empty pattern matches nothing: leave it out" }
        if pattern.unicodeScalars.contains("\0") { return "no name holds a null character" }
        if pattern.unicodeScalars.contains("/") { return slash(in: pattern) }
        if pattern == "." || pattern == ".." { return "no file or directory has this name" }
        if pattern.hasPrefix("!") {
            return "exceptions with ! are not supported; for names that begin with it write '\\\(pattern)'"
        }
        if let trouble = brackets(in: pattern) ?? braces(in: pattern) { return trouble }
        return matchesAll(pattern) ? all : nil
    }

    /// Whether the pattern matches all names but dotfiles, which are passed over anyway: `*`, `?*`, `[!.]*`.
    ///
    /// A pattern that matches each name of one byte consumes one byte of any value at most. If it matches a longer name
    /// as well, it has a `*` beside that, and so it matches all.
    private static func matchesAll(_ pattern: String) -> Bool {
        let single = (UInt8(1)...255).filter { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ".") }.map { [$0, 0] }
        let names = single + [Array("ab\0".utf8)]
        return names.allSatisfy { name in
            name.withUnsafeBytes { bytes in
                bytes.bindMemory(to: CChar.self).baseAddress.map { fnmatch(pattern, $0, 0) == 0 } ?? false
            }
        }
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
    ///
    /// `knowsElements`: whether `[.x.]` and `[=x=]` stand for a character, as they do for fnmatch(3).
    static func brackets(in pattern: String, knowsElements: Bool = true) -> String? {
        var rest = Array(pattern.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\\":
                if rest.popFirst() == nil {
                    return "a \\ at the end matches nothing; for the character itself write \\\\"
                }
            case "[":
                if let trouble = set(&rest, knowsElements) { return trouble }
            default: break
            }
        }
        return nil
    }

    /// The classes of characters that fnmatch(3) knows in every locale.
    private static let classes = [
        "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit",
    ]

    /// What is wrong with the set whose [ was just read. Nil if it is sound; `rest` then begins behind its ].
    private static func set(_ rest: inout ArraySlice<Unicode.Scalar>, _ knowsElements: Bool) -> String? {
        let text = rest
        if rest.first == "!" || rest.first == "^" { rest.removeFirst() }
        var members: [Unicode.Scalar] = []
        /// The scalar that a range may begin with.
        var last: Unicode.Scalar?
        var isFirst = true
        while let scalar = rest.popFirst() {
            defer { isFirst = false }
            // A ] that comes first belongs to the set.
            if scalar == "]", !isFirst {
                guard members.count > 2, members.first == ":", members.last == ":" else { return nil }
                return "a class of characters has two brackets: write [\(shown(text, upTo: rest))]"
            }
            if scalar == "[", let mark = rest.first, ":=.".unicodeScalars.contains(mark) {
                if let (name, end) = element(rest.dropFirst(), mark) {
                    if mark == ":", !classes.contains(name) {
                        return "there is no class [:\(name):]; there are \(classes.joined(separator: ", "))"
                    }
                    if mark != ":", !knowsElements {
                        return "[\(mark)\(name)\(mark)] is not known to these patterns: write the character itself"
                    }
                    if mark != ":", name.unicodeScalars.count != 1 {
                        return "[\(mark)\(name)\(mark)] stands for no character: name a single one"
                    }
                    rest = end
                    last = nil
                    continue
                }
            }
            var member = scalar
            if scalar == "\\" {
                guard let escaped = rest.popFirst() else { break }
                member = escaped
            }
            if !member.isASCII {
                return "names are compared byte by byte, so no set may have \(member): write a pattern for each letter"
            }
            if scalar == "-", let first = last, let end = rest.first, end != "]" {
                rest.removeFirst()
                let upper = end == "\\" ? rest.popFirst() ?? end : end
                if first.value > upper.value {
                    return "the range \(first)-\(upper) has no character: write \(upper)-\(first)"
                }
                last = nil
            } else {
                last = member
            }
            members.append(member)
        }
        return "a [ without its ]: for the character itself write \"[[]\""
    }

    /// The name in `[:name:]`, and what follows. Nil if it does not end: its [ is then a character.
    private static func element(_ text: ArraySlice<Unicode.Scalar>, _ mark: Unicode.Scalar) -> (
        name: String, rest: ArraySlice<Unicode.Scalar>
    )? {
        for index in text.indices.dropLast() where text[index] == mark && text[index + 1] == "]" {
            var name = String.UnicodeScalarView()
            name.append(contentsOf: text[..<index])
            return (String(name), text[(index + 2)...])
        }
        return nil
    }

    /// A set as it was written, with its brackets.
    private static func shown(_ text: ArraySlice<Unicode.Scalar>, upTo rest: ArraySlice<Unicode.Scalar>) -> String {
        var set = String.UnicodeScalarView()
        set.append(contentsOf: text[..<rest.startIndex])
        return "[\(String(set))"
    }

    /// A pattern for a shell with braces.
    static func braces(in pattern: String) -> String? {
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
