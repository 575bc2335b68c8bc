/// The place of an element in an EBML file (RFC 8794).
struct EBMLElement {
    /// With the bits that tell its length, as in the registry.
    let id: UInt64
    /// Offset in the file.
    let body: Int64
    /// Nil if all bits of the size are ones: the size is not known.
    let size: Int64?

    /// Nil if no element can be here.
    init?(at offset: Int64, in bytes: FileBytes) {
        guard
            let first = bytes.bytes(at: offset, count: 1)?.first, first >= 0x10,
            let id = bytes.number(at: offset, length: first.leadingZeroBitCount + 1)
        else { return nil }
        let place = offset + Int64(first.leadingZeroBitCount) + 1
        // The size: first come as many zero bits as bytes follow the first byte, then a one, then the value.
        guard let mark = bytes.bytes(at: place, count: 1)?.first, mark != 0 else { return nil }
        let length = mark.leadingZeroBitCount + 1
        guard let raw = bytes.number(at: place, length: length) else { return nil }
        let mask = (UInt64(1) << UInt64(7 * length)) - 1
        self.id = id
        body = place + Int64(length)
        size = raw & mask == mask ? nil : Int64(raw & mask)
    }

    /// Where the element ends, at most at `limit`. An element of unknown size ends there.
    func end(within limit: Int64) -> Int64 {
        guard let size, size < limit - body else { return max(body, limit) }
        return body + size
    }

    /// The elements in `range`, in order, until one returns false, has no size, or what follows is no element.
    static func walk(_ range: Range<Int64>, in bytes: FileBytes, _ visit: (EBMLElement) -> Bool) {
        var offset = range.lowerBound
        while offset < range.upperBound, let element = EBMLElement(at: offset, in: bytes), visit(element) {
            guard let size = element.size, size <= range.upperBound - element.body else { return }
            offset = element.body + size
        }
    }

    /// The elements in this one, as far as the file has it.
    func walk(in bytes: FileBytes, _ visit: (EBMLElement) -> Bool) {
        guard body < bytes.size else { return }
        Self.walk(body..<end(within: bytes.size), in: bytes, visit)
    }

    /// The body as a floating-point number of four or eight bytes. Nil for any other length, and for no number.
    func float(in bytes: FileBytes) -> Double? {
        guard let size, size == 4 || size == 8, let raw = number(in: bytes) else { return nil }
        let float = size == 8 ? Double(bitPattern: raw) : Double(Float(bitPattern: UInt32(truncatingIfNeeded: raw)))
        return float.isFinite ? float : nil
    }

    /// The body as a number of at most eight bytes.
    func number(in bytes: FileBytes) -> UInt64? {
        guard let size, size <= 8 else { return nil }
        return bytes.number(at: body, length: Int(size))
    }
}
