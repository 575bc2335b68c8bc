/// The header of an EBML file (RFC 8794). WebM and Matroska have the same container, and differ in the document type.
struct EBMLHeader {
    /// Nil if the header has no document type, or if the head ends before it.
    let documentType: String?

    static func type(of head: FileHead) -> MediaType? {
        guard let header = EBMLHeader(head) else { return nil }
        switch header.documentType {
        case "webm": return .webm
        case "matroska": return .other("video/x-matroska", "a Matroska video")
        case nil: return .unknown
        default: return .other("application/x-ebml", "an EBML file that is neither WebM nor Matroska")
        }
    }

    /// Nil if the head is not that of an EBML file.
    init?(_ head: FileHead) {
        let start = 4
        guard head.has([0x1A, 0x45, 0xDF, 0xA3], at: 0) else { return nil }
        guard let size = ElementSize(at: start, in: head) else {
            documentType = nil
            return
        }
        let body = start + size.length
        documentType = Self.documentType(in: body..<size.end(from: body, within: head.count), of: head)
    }

    /// Elements come in any order, and unknown ones may be among them.
    private static func documentType(in range: Range<Int>, of head: FileHead) -> String? {
        var offset = range.lowerBound
        while offset < range.upperBound {
            guard
                let first = head.byte(at: offset), first >= 0x10,
                let id = head.number(at: offset, length: first.leadingZeroBitCount + 1),
                let size = ElementSize(at: offset + first.leadingZeroBitCount + 1, in: head),
                let length = size.value
            else { return nil }
            let body = offset + first.leadingZeroBitCount + 1 + size.length
            guard length <= UInt64(max(0, range.upperBound - body)) else { return nil }
            if id == 0x4282 {
                // A string may be padded with zeros.
                let text = head.bytes[body..<body + Int(length)].prefix { $0 != 0 }
                return String(decoding: text, as: UTF8.self)
            }
            offset = body + Int(length)
        }
        return nil
    }
}

/// A number of variable length. First come as many zero bits as bytes follow the first byte, then a one, then the
/// value.
private struct ElementSize {
    /// Nil if all bits are ones: the size is not known.
    let value: UInt64?
    /// The number's own length, 1 to 8 bytes.
    let length: Int

    init?(at offset: Int, in head: FileHead) {
        guard let first = head.byte(at: offset), first != 0 else { return nil }
        length = first.leadingZeroBitCount + 1
        guard let raw = head.number(at: offset, length: length) else { return nil }
        let mask = (UInt64(1) << UInt64(7 * length)) - 1
        value = raw & mask == mask ? nil : raw & mask
    }

    func end(from body: Int, within count: Int) -> Int {
        guard let value, value < UInt64(max(0, count - body)) else { return max(body, count) }
        return body + Int(value)
    }
}
