/// Writes JSON text with its members in the given order. So the manifest reads like its documentation, and equal
/// entries give equal bytes.
struct JSONText {
    private(set) var text = ""
    private var needsComma = false

    mutating func object(_ members: (inout JSONText) -> Void) {
        separate()
        text += "{"
        needsComma = false
        members(&self)
        text += "}"
        needsComma = true
    }

    /// Writes a member; `value` writes its value.
    mutating func member(_ name: String, _ value: (inout JSONText) -> Void) {
        separate()
        quote(name)
        text += ":"
        needsComma = false
        value(&self)
        needsComma = true
    }

    /// nil is written as `null`.
    mutating func member(_ name: String, _ string: String?) {
        member(name) { $0.value(string) }
    }

    mutating func member(_ name: String, _ number: Int64) {
        member(name) { $0.text += String(number) }
    }

    mutating func member(_ name: String, _ truth: Bool) {
        member(name) { $0.text += truth ? "true" : "false" }
    }

    mutating func member(_ name: String, _ strings: [String]) {
        member(name) { json in
            json.text += "["
            for string in strings { json.value(string) }
            json.text += "]"
        }
    }

    /// Writes a value as it was read.
    mutating func write(_ value: ManifestValue) {
        switch value {
        case .null: self.value(nil)
        case .truth(let truth): raw(truth ? "true" : "false")
        case .number(let digits): raw(digits)
        case .text(let string): self.value(string)
        case .list(let items):
            separate()
            text += "["
            needsComma = false
            for item in items { write(item) }
            text += "]"
            needsComma = true
        case .object(let fields):
            object { json in
                for field in fields { json.member(field.name) { $0.write(field.value) } }
            }
        }
    }

    private mutating func raw(_ word: String) {
        separate()
        text += word
        needsComma = true
    }

    private mutating func value(_ string: String?) {
        separate()
        if let string { quote(string) } else { text += "null" }
        needsComma = true
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
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{61C}", "\u{200E}", "\u{200F}", "\u{2028}"..."\u{202E}",
                "\u{2066}"..."\u{2069}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
