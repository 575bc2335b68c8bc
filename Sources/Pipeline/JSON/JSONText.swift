/// Writes JSON text with its members in the given order. All JSON that Outtray writes comes from here.
///
/// So the manifest reads like its documentation, and equal entries give equal bytes.
package struct JSONText {
    package private(set) var text = ""
    private var needsComma = false
    private let escapes: (Unicode.Scalar) -> Bool

    /// `escapes` tells of a character from U+007F on whether it is escaped. RFC 8259 asks for none of these.
    package init(escaping escapes: @escaping (Unicode.Scalar) -> Bool = JSONEscape.isPrudent(for:)) {
        self.escapes = escapes
    }

    /// Writes a member of an object whose braces the caller writes.
    mutating func member(_ name: String, _ value: JSON) {
        separate()
        quote(name)
        text += ":"
        needsComma = false
        write(value)
    }

    package mutating func write(_ value: JSON) {
        separate()
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .number(let digits): text += digits
        case .string(let string): quote(string)
        case .array(let items):
            within("[", "]") { json in
                for item in items { json.write(item) }
            }
        case .object(let members):
            within("{", "}") { json in
                for member in members { json.member(member.name, member.value) }
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

    private mutating func quote(_ string: String) {
        text += "\""
        defer { text += "\"" }
        // Nearly all strings are plain ASCII.
        if string.utf8.allSatisfy(JSONEscape.isPlain) {
            text += string
            return
        }
        for scalar in string.unicodeScalars {
            if JSONEscape.isDemanded(for: scalar) || scalar.value >= 0x7F && escapes(scalar) {
                text += JSONEscape.text(for: scalar)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }
}
