/// A key that never prints itself: not in a description, not in a dump, not in an error that holds it.
package struct Secret: Hashable, Sendable {
    /// The key itself, for the request that needs it.
    package let revealed: String

    package init(_ value: String) {
        revealed = value
    }

    /// The text with each occurrence of the secret made unreadable. See ``removed(from:)-bytes``.
    package func removed(from text: String) -> String {
        removed(from: Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// The bytes with each occurrence of the secret made unreadable, in whatever spelling. Nil if there is none.
    ///
    /// A server may quote a key in JSON, in an address or in a page. Each byte of the key may then be escaped.
    func removed(from bytes: [UInt8]) -> [UInt8]? {
        let secret = Array(revealed.utf8)
        guard let first = secret.first else { return nil }
        var kept: [UInt8] = []
        var copied = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == first || EscapedByte.begins(with: byte),
                let end = Self.end(of: secret, in: bytes, from: index)
            else {
                index += 1
                continue
            }
            kept += bytes[copied..<index]
            kept += description.utf8
            index = end
            copied = end
        }
        return copied == 0 ? nil : kept + bytes[copied...]
    }

    /// The end of the secret that begins at this index. Nil if none does.
    private static func end(of secret: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        for byte in secret {
            guard index < bytes.count else { return nil }
            if bytes[index] == byte {
                index += 1
            } else if let escaped = EscapedByte(bytes[index...]), escaped.byte == byte {
                index += escaped.length
            } else {
                return nil
            }
        }
        return index
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "••••" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
