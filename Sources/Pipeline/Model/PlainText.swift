/// Text of an answer, made safe to show: on one line, without characters that print as something else.
package enum PlainText {
    /// The text with U+FFFD for each hidden character: line ends, terminal controls, changes of text direction.
    package static func of(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHidden) else { return text }
        var plain = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { plain.append(isHidden(scalar) ? "\u{FFFD}" : scalar) }
        return String(plain)
    }

    /// Whether a character takes no place of its own on a line: control characters (Cc), formats such as U+202E (Cf),
    /// line and paragraph separators (Zl, Zp). Source: the Unicode Standard, general categories.
    package static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // These two join the parts of an emoji or of a word, so they count as text.
        case .format: scalar != "\u{200D}" && scalar != "\u{200C}"
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
