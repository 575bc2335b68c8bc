/// The escapes in JSON strings (RFC 8259, section 7), for the reader and the writer.
package enum JSONEscape {
    /// The character that an escape of one letter stands for. Nil for `u`, which digits follow, and for no escape.
    static func character(_ letter: UInt8) -> Unicode.Scalar? {
        switch letter {
        case UInt8(ascii: "n"): "\n"
        case UInt8(ascii: "r"): "\r"
        case UInt8(ascii: "t"): "\t"
        case UInt8(ascii: "b"): "\u{8}"
        case UInt8(ascii: "f"): "\u{C}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): Unicode.Scalar(letter)
        default: nil
        }
    }

    /// The escape of any character. One beyond U+FFFF becomes two, its surrogates.
    static func text(for scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: UTF16.encode(scalar).map { $0.map(text(for:)).joined() } ?? ""
        }
    }

    private static func text(for unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Whether a byte is a character that is never escaped: ASCII but for ``isDemanded(for:)`` and DEL.
    static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// Whether a string must not have this character as it is: quotation mark, reverse solidus, control characters.
    static func isDemanded(for scalar: Unicode.Scalar) -> Bool {
        scalar == "\"" || scalar == "\\" || scalar.value < 0x20
    }

    /// Whether this character may mislead a reader. RFC 8259 does not ask for its escape.
    ///
    /// - Other line ends (U+0085, U+2028, U+2029): so every reader sees the same lines.
    /// - DEL, U+0080 to U+009F and bidirectional marks, which move a terminal's cursor or reverse a line: so people see
    ///   the real text.
    package static func isPrudent(for scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\u{7F}"..."\u{9F}", "\u{61C}", "\u{200E}", "\u{200F}", "\u{2028}"..."\u{202E}", "\u{2066}"..."\u{2069}":
            true
        default: false
        }
    }
}
