/// The place of a box in an ISO base media file (ISO/IEC 14496-12) or a QuickTime file.
struct ISOBox {
    let type: String
    /// Offsets in the file. `end` may lie beyond the place that has the box.
    let body: Int64
    let end: Int64

    /// Nil if no box can be here: its type is not printable, or its size is smaller than its header. A box of size 0
    /// reaches to `limit`.
    init?(at offset: Int64, before limit: Int64, in bytes: FileBytes) {
        guard
            offset <= limit - 8,
            let size = bytes.number(at: offset, length: 4),
            let type = bytes.fourCC(at: offset + 4)
        else { return nil }
        self.type = type
        switch size {
        case 0:
            body = offset + 8
            end = limit
        case 1:
            guard let long = bytes.number(at: offset + 8, length: 8), long >= 16 else { return nil }
            body = offset + 16
            let (sum, overflows) = offset.addingReportingOverflow(Int64(clamping: long))
            end = overflows ? .max : sum
        default:
            guard size >= 8 else { return nil }
            body = offset + 8
            end = offset + Int64(size)
        }
    }

    /// A number in the box, at that place behind its header. Nil if the box ends earlier.
    func number(at place: Int64, length: Int, in bytes: FileBytes) -> UInt64? {
        end - body >= place + Int64(length) ? bytes.number(at: body + place, length: length) : nil
    }

    /// The boxes in `range`, in order, until one of them returns false or what follows is no box.
    static func walk(_ range: Range<Int64>, in bytes: FileBytes, _ visit: (ISOBox) -> Bool) {
        var offset = range.lowerBound
        while let box = ISOBox(at: offset, before: range.upperBound, in: bytes), visit(box) { offset = box.end }
    }

    /// The boxes in this one, as far as the file has it.
    ///
    /// `start` is where the first one is, behind this box's header: 4 in a box with a version of its own.
    func walk(from start: Int64 = 0, in bytes: FileBytes, _ visit: (ISOBox) -> Bool) {
        guard body + start < min(end, bytes.size) else { return }
        Self.walk(body + start..<min(end, bytes.size), in: bytes, visit)
    }

    /// The first box of that type in this one.
    func child(_ type: String, in bytes: FileBytes) -> ISOBox? {
        var child: ISOBox?
        walk(in: bytes) { box in
            if box.type == type { child = box }
            return child == nil
        }
        return child
    }
}
