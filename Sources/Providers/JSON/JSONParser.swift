import Pipeline

/// Reads JSON text (RFC 8259) into a ``JSON`` value; nil for other text.
///
/// It is slightly more lenient than the RFC: numbers such as `01` and raw control characters in strings pass.
///
/// The usual decoders round numbers and sort objects, but ConnectSafely's `multipartMetadata` must go back as it came.
/// Nesting ends at 64 levels, because an error body must not exhaust the stack.
struct JSONParser {
    private let bytes: [UInt8]
    private var place = 0

    private static let deepest = 64

    static func parse(_ bytes: [UInt8]) -> JSON? {
        // Some servers put a byte order mark before their JSON.
        var parser = JSONParser(bytes: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes)
        guard let value = parser.value(depth: 0) else { return nil }
        parser.skipSpace()
        return parser.place == parser.bytes.count ? value : nil
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func value(depth: Int) -> JSON? {
        skipSpace()
        guard depth < Self.deepest, let byte = peek() else { return nil }
        switch byte {
        case UInt8(ascii: "{"): return object(depth: depth)
        case UInt8(ascii: "["): return array(depth: depth)
        case UInt8(ascii: "\""): return string().map(JSON.string)
        case UInt8(ascii: "t"): return take("true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return take("false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return take("null") ? .null : nil
        default: return number()
        }
    }

    private mutating func object(depth: Int) -> JSON? {
        place += 1
        var members: [JSON.Member] = []
        skipSpace()
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            guard peek() == UInt8(ascii: "\""), let name = string() else { return nil }
            skipSpace()
            guard take(":"), let value = value(depth: depth + 1) else { return nil }
            members.append(JSON.Member(name: name, value: value))
            skipSpace()
        } while take(",")
        return take("}") ? .object(members) : nil
    }

    private mutating func array(depth: Int) -> JSON? {
        place += 1
        var items: [JSON] = []
        skipSpace()
        if take("]") { return .array([]) }
        repeat {
            guard let item = value(depth: depth + 1) else { return nil }
            items.append(item)
            skipSpace()
        } while take(",")
        return take("]") ? .array(items) : nil
    }

    private mutating func number() -> JSON? {
        let start = place
        while let byte = peek(), Self.numberBytes.contains(byte) { place += 1 }
        let digits = String(decoding: bytes[start..<place], as: UTF8.self)
        guard let first = bytes[start...].first, first == UInt8(ascii: "-") || Self.isDigit(first),
            Double(digits) != nil
        else { return nil }
        return .number(digits)
    }

    private mutating func string() -> String? {
        place += 1
        var text: [UInt8] = []
        while let byte = peek() {
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escaped() else { return nil }
                text.append(contentsOf: String(scalar).utf8)
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func escaped() -> Unicode.Scalar? {
        guard let byte = peek() else { return nil }
        place += 1
        guard byte == UInt8(ascii: "u") else { return JSONEscape.character(byte) }
        guard let unit = hexUnit() else { return nil }
        guard (0xD800..<0xDC00).contains(unit) else { return Unicode.Scalar(unit) ?? "\u{FFFD}" }
        return lowHalf().flatMap { Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + ($0 - 0xDC00)) } ?? "\u{FFFD}"
    }

    /// The low surrogate that follows a high one. Anything else is left to be read next: the high surrogate is then no
    /// character, and becomes U+FFFD as in browsers.
    private mutating func lowHalf() -> UInt32? {
        var ahead = self
        guard ahead.take("\\u"), let low = ahead.hexUnit(), (0xDC00..<0xE000).contains(low) else { return nil }
        self = ahead
        return low
    }

    private mutating func hexUnit() -> UInt32? {
        guard place + 4 <= bytes.count else { return nil }
        defer { place += 4 }
        let digits = bytes[place..<place + 4]
        guard digits.allSatisfy({ Self.isDigit($0) || (97...102).contains($0 | 0x20) }) else { return nil }
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    private func peek() -> UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        let wanted = text.withUTF8Buffer { Array($0) }
        guard bytes[place...].prefix(count).elementsEqual(wanted) else { return false }
        place += count
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private static let numberBytes = Set("+-.0123456789eE".utf8)
}
