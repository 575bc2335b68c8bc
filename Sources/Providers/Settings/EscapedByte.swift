/// A byte of ASCII as JSON, an address or a page escapes it.
struct EscapedByte {
    let byte: UInt8
    /// How many bytes the escape takes.
    let length: Int

    /// Whether an escape may begin with this byte.
    static func begins(with byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "&")
    }

    /// The escape at the beginning of these bytes. Nil if there is none.
    ///
    /// - JSON (RFC 8259, section 7): `\\u003d`, `\\/`, `\\"`.
    /// - Addresses (RFC 3986, section 2.1): `%3D`.
    /// - Pages (HTML, section 13.5): `&#61;`, `&#x3d;`, and the names of the five characters that pages escape.
    init?(_ bytes: ArraySlice<UInt8>) {
        let text = String(decoding: bytes.prefix(8), as: UTF8.self)
        switch text.utf8.first {
        case UInt8(ascii: "\\"):
            if text.hasPrefix("\\u00") {
                self.init(text.dropFirst(4).prefix(2), radix: 16, length: 6)
            } else {
                guard let byte = text.utf8.dropFirst().first else { return nil }
                self.init(byte: byte, length: 2)
            }
        case UInt8(ascii: "%"): self.init(text.dropFirst().prefix(2), radix: 16, length: 3)
        case UInt8(ascii: "&"):
            guard let end = text.firstIndex(of: ";") else { return nil }
            let name = text[text.index(after: text.startIndex)..<end]
            let length = name.utf8.count + 2
            if let byte = Self.names[String(name)] {
                self.init(byte: byte, length: length)
            } else if name.lowercased().hasPrefix("#x") {
                self.init(name.dropFirst(2), radix: 16, length: length)
            } else if name.hasPrefix("#") {
                self.init(name.dropFirst(), radix: 10, length: length)
            } else {
                return nil
            }
        default: return nil
        }
    }

    private init(byte: UInt8, length: Int) {
        self.byte = byte
        self.length = length
    }

    private init?(_ digits: Substring, radix: Int, length: Int) {
        guard let byte = UInt8(digits, radix: radix) else { return nil }
        self.init(byte: byte, length: length)
    }

    private static let names: [String: UInt8] = [
        "amp": UInt8(ascii: "&"), "lt": UInt8(ascii: "<"), "gt": UInt8(ascii: ">"),
        "quot": UInt8(ascii: "\""), "apos": UInt8(ascii: "'"),
    ]
}
