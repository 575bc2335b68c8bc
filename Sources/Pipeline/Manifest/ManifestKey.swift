import SystemPackage

/// A path as the manifest writes it. No two paths are written alike.
///
/// A path is written as it is if its bytes are UTF-8 and no `%` in it stands before two hex digits. Any other path is
/// written with `%XX` for each byte that is not UTF-8, and `%25` for `%`. It is marked with `"pathEncoding":
/// "percent"`.
package struct ManifestKey: Sendable {
    package let text: String
    package let isPercentEncoded: Bool

    package init(_ path: FilePath) {
        let bytes = path.bytes
        if let text = String(validating: bytes, as: UTF8.self), !Self.looksEncoded(bytes) {
            self.init(text: text, isPercentEncoded: false)
        } else {
            self.init(percentEncoding: path)
        }
    }

    /// Percent-encodes the path even if nothing in it needs that.
    init(percentEncoding path: FilePath) {
        self.init(text: Self.encode(path.bytes), isPercentEncoded: true)
    }

    private init(text: String, isPercentEncoded: Bool) {
        self.text = text
        self.isPercentEncoded = isPercentEncoded
    }

    /// The path for this text; nil if the text is no path. Older manifests may have `%` before hex digits without the
    /// mark: then the text is the path.
    package static func path(_ text: String, encoding: String?) -> FilePath? {
        let bytes = encoding == "percent" ? decode(Array(text.utf8)) : Array(text.utf8)
        guard let bytes, bytes.first == UInt8(ascii: "/"), !bytes.contains(0) else { return nil }
        return FilePath(bytes: bytes)
    }

    /// Whether the bytes could be another path's encoded form.
    private static func looksEncoded(_ bytes: [UInt8]) -> Bool {
        bytes.indices.dropLast(2).contains { index in
            bytes[index] == UInt8(ascii: "%") && isHexDigit(bytes[index + 1]) && isHexDigit(bytes[index + 2])
        }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        Character(Unicode.Scalar(byte)).isHexDigit
    }

    private static func decode(_ text: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let first = rest.popFirst() {
            if first == UInt8(ascii: "%") {
                guard rest.count >= 2, rest.prefix(2).allSatisfy(isHexDigit),
                    let byte = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(byte)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(first)
            }
        }
        return bytes
    }

    /// Keeps valid UTF-8 except `%`; each other byte becomes `%XX`.
    private static func encode(_ bytes: [UInt8]) -> String {
        var text = ""
        var rest = bytes[...]
        while let first = rest.first {
            let length = min(Self.sequenceLength(first), rest.count)
            let sequence = rest.prefix(length)
            if first != UInt8(ascii: "%"), let valid = String(validating: sequence, as: UTF8.self) {
                text += valid
                rest = rest.dropFirst(length)
            } else {
                let digits = String(first, radix: 16, uppercase: true)
                text += "%" + (digits.count < 2 ? "0" : "") + digits
                rest = rest.dropFirst()
            }
        }
        return text
    }

    /// The length of a UTF-8 sequence, by its first byte; 1 if this cannot be a first byte.
    private static func sequenceLength(_ first: UInt8) -> Int {
        switch first {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }
}

extension FilePath {
    /// The bytes of the path, without the terminating null.
    package var bytes: [UInt8] {
        withPlatformString { pointer in
            Array(UnsafeBufferPointer(start: pointer, count: length).lazy.map(UInt8.init(bitPattern:)))
        }
    }

    /// A path of these bytes, which must not contain a null.
    package init(bytes: some Collection<UInt8>) {
        self = (bytes.map(CChar.init(bitPattern:)) + [0]).withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { FilePath(platformString: $0) } ?? FilePath()
        }
    }
}
