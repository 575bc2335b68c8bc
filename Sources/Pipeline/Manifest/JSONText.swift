/// Writes JSON text with its members in the given order. So the manifest reads like its documentation, and equal
/// entries give equal bytes.
struct JSONText {
    private(set) var text = ""
    private var needsComma = false

    /// Writes a member of an object whose braces the caller writes.
    mutating func member(_ name: String, _ value: ManifestValue) {
        separate()
        quote(name)
        text += ":"
        needsComma = false
        write(value)
    }

    mutating func write(_ value: ManifestValue) {
        separate()
        switch value {
        case .null: text += "null"
        case .truth(let truth): text += truth ? "true" : "false"
        case .number(let digits): text += digits
        case .text(let string): quote(string)
        case .list(let items):
            within("[", "]") { json in
                for item in items { json.write(item) }
            }
        case .object(let fields):
            within("{", "}") { json in
                for field in fields { json.member(field.name, field.value) }
            }
        }
        needsComma = true
    }

    private mutating func within(_ opening: String, _ closing: String, _ content: (inout JSONText) -> Void) {
        text += opening
        needsComma = false
        content(&self)
        text += closing
    }

    private mutating func separate() {
        if needsComma { text += "," }
    }

    /// Escapes quotation mark, reverse solidus and control characters (RFC 8259, section 7), and two more groups.
    ///
    /// Other line ends (U+0085, U+2028, U+2029) are escaped so that every reader sees the same lines. DEL, U+0080 to
    /// U+009F and bidirectional marks are escaped so that people see the real text: they move a terminal's cursor or
    /// reverse a line.
    private mutating func quote(_ string: String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"", "\\", "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{61C}", "\u{200E}", "\u{200F}",
                "\u{2028}"..."\u{202E}",
                "\u{2066}"..."\u{2069}":
                text += JSONEscape.text(for: scalar)
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
