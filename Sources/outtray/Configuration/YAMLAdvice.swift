/// What to write instead of a line that is natural to write, but not YAML.
///
/// A parser states its expectations in terms of its grammar. A person wants the correct line.
enum YAMLAdvice {
    /// Advice for the line that the parser stopped at, by the parser's words; nil if there is none.
    static func words(for problem: String, line: String) -> String? {
        let indentation = line.prefix { $0 == " " || $0 == "\t" }
        if indentation.contains("\t") { return "a tab is no indentation here: use spaces" }
        if ["unknown escape character", "hexdecimal number"].contains(where: problem.contains) {
            return "within \" a \\ begins an escape: use ' in its place"
        }
        if problem.contains("unexpected end of stream"), line.contains(where: { $0 == "\"" || $0 == "'" }) {
            return "a quotation mark is not closed"
        }
        if let address = bracketedAddress(in: line) {
            return "what begins with [ stands in quotation marks: address: \"\(address)\""
        }
        guard let (key, value) = member(line) else { return withoutMember(problem, line) }
        if key == "after_upload", value.hasPrefix("move:") {
            return "write after_upload: {move: \(value.dropFirst("move:".count).trimmed)}"
        }
        if isSpecial(key) { return "what begins with \(key.prefix(1)) stands in quotation marks: \"\(key)\": \(value)" }
        if let word = words(of: value).first(where: isSpecial) {
            let trouble =
                switch key {
                case "ignore": IgnorePatternText.troubles(in: [word]).first ?? nil
                case "sidecars", "settle": NamePatternText.trouble(with: word)
                default: String?.none
                }
            if let trouble {
                return "\"\(word)\": \(trouble)"
            }
            let quoted = "\"\(word)\""
            let right = ["ignore", "sidecars", "upload_hosts", "rate"].contains(key) ? "\(key): [\(quoted)]" : quoted
            return "what begins with \(word.prefix(1)) stands in quotation marks: \(right)"
        }
        if problem.contains("mapping values are not allowed") {
            return "a value with a colon and a space stands in quotation marks: \(key): \"\(value)\""
        }
        return problem.contains("expected ',' or") ? "a [ or { is not closed, or a comma is missing" : nil
    }

    /// An IPv6 address with its port after `address:`, on a line of its own or between braces. YAML sees a list there.
    private static func bracketedAddress(in line: String) -> Substring? {
        guard let begin = line.firstRange(of: "address: [")?.upperBound else { return nil }
        let address = line[line.index(before: begin)...].prefix { !" ,}".contains($0) }
        return address.contains("]:") ? address : nil
    }

    /// `key: value`, without the `- ` of a list before it.
    private static func member(_ line: String) -> (key: String, value: String)? {
        var text = line.trimmed
        if text.hasPrefix("- ") { text = text.dropFirst(2).drop { $0 == " " } }
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let value = text[text.index(after: colon)...]
        guard value.isEmpty || value.first == " " else { return nil }
        return (String(text[..<colon]), String(String(value).trimmed))
    }

    private static func withoutMember(_ problem: String, _ line: String) -> String? {
        let text = line.trimmed
        let word = text.hasPrefix("- ") ? String(String(text.dropFirst(2)).trimmed) : String(text)
        if isSpecial(word) { return "what begins with \(word.prefix(1)) stands in quotation marks: \"\(word)\"" }
        if let colon = text.firstIndex(of: ":"), !text.hasPrefix("-") {
            let value = text[text.index(after: colon)...]
            return "a space belongs after the colon: \(text[..<colon]): \(value)"
        }
        return problem.contains("expected ':'") && !text.isEmpty ? "a line is \"key: value\"" : nil
    }

    /// The words of a value. Each word of a list in brackets stands alone, and so does each key between braces.
    private static func words(of value: String) -> [String] {
        if value.hasPrefix("{") {
            return value.dropFirst().split(separator: ",").map { String(String($0.prefix { $0 != ":" }).trimmed) }
        }
        guard value.hasPrefix("[") else { return [value] }
        let inner = value.dropFirst().prefix { $0 != "]" }
        return inner.split(separator: ",").map { String(String($0).trimmed) }
    }

    /// Whether the word begins with a character that has another meaning in YAML.
    private static func isSpecial(_ word: String) -> Bool {
        word.first.map { "*&!%@`|>".contains($0) } ?? false
    }
}
