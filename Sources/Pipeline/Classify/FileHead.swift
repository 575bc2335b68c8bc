/// The first bytes of a file. Reads never go past them.
struct FileHead {
    let bytes: [UInt8]
    /// Whether the file may be text: its resource header has no "binary data byte" (WHATWG MIME Sniffing Standard, 3).
    let isText: Bool

    /// Keeps the first ``MediaClassifier/headLength`` bytes and ignores the rest.
    init(_ bytes: [UInt8]) {
        self.bytes = Array(bytes.prefix(MediaClassifier.headLength))
        isText = !bytes.prefix(1445).contains(where: Self.isBinary)
    }

    var count: Int { bytes.count }
    var isEmpty: Bool { bytes.isEmpty }

    /// Whether the file is longer than the head, or may be.
    var isFull: Bool { count >= MediaClassifier.headLength }

    /// The mark of UTF-8, UTF-16BE or UTF-16LE.
    var hasByteOrderMark: Bool {
        has([0xEF, 0xBB, 0xBF], at: 0) || has([0xFE, 0xFF], at: 0) || has([0xFF, 0xFE], at: 0)
    }

    func byte(at offset: Int) -> UInt8? {
        bytes.indices.contains(offset) ? bytes[offset] : nil
    }

    func has(_ pattern: [UInt8], at offset: Int) -> Bool {
        guard offset >= 0, offset <= count - pattern.count else { return false }
        return bytes[offset...].starts(with: pattern)
    }

    func has(_ pattern: String, at offset: Int) -> Bool {
        has([UInt8](pattern.utf8), at: offset)
    }

    /// A number in big endian. Nil if the head is too short.
    func number(at offset: Int, length: Int) -> UInt64? {
        guard let field = slice(at: offset, length: length) else { return nil }
        return field.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A number in little endian. Nil if the head is too short.
    func littleNumber(at offset: Int, length: Int) -> UInt64? {
        guard let field = slice(at: offset, length: length) else { return nil }
        return field.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    func slice(at offset: Int, length: Int) -> ArraySlice<UInt8>? {
        guard offset >= 0, length >= 0, length <= count, offset <= count - length else { return nil }
        return bytes[offset..<offset + length]
    }

    /// Four characters, such as a box type or a brand. Nil if the head is too short or a character is not printable
    /// ASCII.
    func fourCC(at offset: Int) -> String? {
        guard let field = slice(at: offset, length: 4), field.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            return nil
        }
        return String(decoding: field, as: UTF8.self)
    }

    /// The first place of `pattern` at or after `start` and before `limit`.
    func firstIndex(of pattern: [UInt8], from start: Int = 0, before limit: Int = .max) -> Int? {
        let end = min(limit, count - pattern.count + 1)
        guard start >= 0, start < end else { return nil }
        return (start..<end).first { bytes[$0...].starts(with: pattern) }
    }

    private static func isBinary(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00...0x08, 0x0B, 0x0E...0x1A, 0x1C...0x1F: true
        default: false
        }
    }
}
