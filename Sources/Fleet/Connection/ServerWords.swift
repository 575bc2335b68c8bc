/// What libpq says of a failed connection: the server's code, and the words for people.
///
/// libpq gives the code of a connection's error in its text alone. With the verbosity `PQERRORS_VERBOSE` the code has
/// one place: after the severity, a colon and two spaces, and before a colon. Source: `pqBuildErrorMessage3` in
/// fe-protocol3.c.
struct ServerWords: Equatable, Sendable {
    /// The last code, if there is one. Several servers that were tried leave one text each.
    let sqlState: String?
    /// One line.
    let words: String

    init(_ text: String) {
        var sqlState: String?
        var lines: [String] = []
        for line in text.split(whereSeparator: \.isNewline) {
            // Where in the server's source code the error is.
            if line.hasPrefix("LOCATION:  ") { continue }
            if let code = Self.code(in: line) {
                sqlState = String(line[code])
                // The code, its colon and space.
                let rest = line.index(code.upperBound, offsetBy: 2, limitedBy: line.endIndex) ?? line.endIndex
                lines.append(String(line[..<code.lowerBound] + line[rest...]))
            } else {
                lines.append(String(line))
            }
        }
        self.sqlState = sqlState
        words = Self.oneLine(lines.joined(separator: "\n"))
    }

    /// The text with one space in place of each line end and what surrounds it.
    static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// The first `:  XXXXX: ` of a line. What the server quotes, such as a role's name, comes after it.
    private static func code(in line: Substring) -> Range<Substring.Index>? {
        var start = line.startIndex
        while let found = line[start...].firstRange(of: ":  ") {
            start = found.upperBound
            let code = line[start...].prefix { $0.isASCII && ($0.isUppercase || $0.isNumber) }
            if code.utf8.count == 5, line[code.endIndex...].hasPrefix(": ") { return code.startIndex..<code.endIndex }
        }
        return nil
    }
}
