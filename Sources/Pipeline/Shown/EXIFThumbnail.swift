/// The small picture that a camera puts into a JPEG file, before the large one.
///
/// It is the second directory (IFD1) of the TIFF structure in the segment APP1 (Exif 2.32, sections 4.5.4 and 4.6.2).
package enum EXIFThumbnail {
    /// So many first bytes of a file are enough: a segment has at most 64 KiB.
    package static let headLength = 128 << 10

    /// The thumbnail as a JPEG file of its own; nil if there is none. It stands upright if the large picture does: a
    /// segment with the orientation is put before it.
    package static func find(in head: [UInt8]) -> [UInt8]? {
        guard let tiff = segment(of: head).flatMap(TIFF.init) else { return nil }
        guard let first = tiff.directory(at: tiff.number(at: 4, length: 4)),
            let second = tiff.directory(at: tiff.next(after: first)),
            let offset = tiff.value(of: 0x0201, in: second), let length = tiff.value(of: 0x0202, in: second),
            let bytes = tiff.slice(at: offset, length: length),
            bytes.starts(with: [0xFF, 0xD8, 0xFF])
        else { return nil }
        let orientation = tiff.value(of: 0x0112, in: first) ?? 1
        guard (2...8).contains(orientation) else { return Array(bytes) }
        return [0xFF, 0xD8] + turned(UInt8(orientation)) + bytes.dropFirst(2)
    }

    /// The TIFF structure of the first APP1 segment with Exif.
    private static func segment(of head: [UInt8]) -> ArraySlice<UInt8>? {
        guard head.starts(with: [0xFF, 0xD8]) else { return nil }
        var place = 2
        // After the start of the scan (DA) come no segments.
        while place + 4 <= head.count, head[place] == 0xFF, head[place + 1] != 0xDA {
            let length = Int(head[place + 2]) << 8 | Int(head[place + 3])
            let end = place + 2 + length
            guard length >= 2, end <= head.count else { return nil }
            let content = head[(place + 4)..<end]
            if head[place + 1] == 0xE1, content.starts(with: Array("Exif".utf8) + [0, 0]) {
                return content.dropFirst(6)
            }
            place = end
        }
        return nil
    }

    /// A segment APP1 that says how the picture is turned, and nothing else.
    private static func turned(_ orientation: UInt8) -> [UInt8] {
        let tiff: [UInt8] = Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation]
        let content = Array("Exif".utf8) + [0, 0] + tiff + [0, 0, 0, 0, 0, 0]
        return [0xFF, 0xE1, 0, UInt8(content.count + 2)] + content
    }
}

/// A TIFF structure. Offsets count from its beginning. Whatever leads out of it is nil.
private struct TIFF {
    private let bytes: ArraySlice<UInt8>
    private let isLittle: Bool

    init?(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        switch bytes.prefix(2) {
        case [0x49, 0x49]: isLittle = true
        case [0x4D, 0x4D]: isLittle = false
        default: return nil
        }
        guard number(at: 2, length: 2) == 42 else { return nil }
    }

    func slice(at offset: Int, length: Int) -> ArraySlice<UInt8>? {
        guard offset >= 0, length > 0, length <= bytes.count, offset <= bytes.count - length else { return nil }
        return bytes[(bytes.startIndex + offset)..<(bytes.startIndex + offset + length)]
    }

    func number(at offset: Int, length: Int) -> Int? {
        guard let field = slice(at: offset, length: length) else { return nil }
        return (isLittle ? Array(field.reversed()) : Array(field)).reduce(0) { $0 << 8 | Int($1) }
    }

    /// The place and the count of a directory's entries.
    func directory(at offset: Int?) -> (offset: Int, count: Int)? {
        guard let offset, offset >= 8, let count = number(at: offset, length: 2), count > 0,
            slice(at: offset, length: 2 + 12 * count) != nil
        else { return nil }
        return (offset, count)
    }

    func next(after directory: (offset: Int, count: Int)) -> Int? {
        number(at: directory.offset + 2 + 12 * directory.count, length: 4)
    }

    /// The value of an entry that is one number, SHORT or LONG.
    func value(of tag: Int, in directory: (offset: Int, count: Int)) -> Int? {
        for index in 0..<directory.count {
            let entry = directory.offset + 2 + 12 * index
            guard number(at: entry, length: 2) == tag else { continue }
            switch number(at: entry + 2, length: 2) {
            case 3: return number(at: entry + 8, length: 2)
            case 4: return number(at: entry + 8, length: 4)
            default: return nil
            }
        }
        return nil
    }
}
