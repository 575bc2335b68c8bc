@testable import Pipeline

/// Whole files of each type, small and without real pictures, and the pieces of files that are not whole.
extension MediaBytes {
    /// A movie box with a track of each of these kinds (`vide`, `soun`).
    static func movie(_ kinds: String..., table: Int = 0, more: [UInt8] = []) -> [UInt8] {
        box("moov", box("mvhd", zeros(100)) + kinds.flatMap { track($0, table: table) } + more)
    }

    /// `table` is the length of the sample table, which is no part of the look.
    static func track(_ kind: String, table: Int = 0) -> [UInt8] {
        let handler = box("hdlr", zeros(8) + ascii(kind) + zeros(13))
        let samples = box("minf", box("stbl", box("stsz", zeros(table))))
        return box("trak", box("tkhd", zeros(84)) + box("mdia", box("mdhd", zeros(24)) + handler + samples))
    }

    /// A movie box with a video track of chunks at these offsets, in this file or in another one.
    static func index(
        chunks: [UInt64],
        isLong: Bool = false,
        isHere: Bool = true,
        handler kind: String = "vide",
        isOn: Bool = true,
        more: [UInt8] = []
    ) -> [UInt8] {
        let handler = box("hdlr", zeros(8) + ascii(kind) + zeros(13))
        let count = bigEndian(UInt64(chunks.count), 4)
        let offsets = box(isLong ? "co64" : "stco", zeros(4) + count + chunks.flatMap { bigEndian($0, isLong ? 8 : 4) })
        let reference = box("dref", zeros(4) + bigEndian(1, 4) + box("url ", [0, 0, 0, isHere ? 1 : 0]))
        let media = box("minf", box("dinf", reference) + box("stbl", box("stsz", zeros(20)) + offsets))
        let header = box("tkhd", [0, 0, 0, isOn ? 3 : 2] + zeros(80))
        return box("moov", box("mvhd", zeros(100)) + box("trak", header + box("mdia", handler + media)) + more)
    }

    static func fragment(_ length: Int = 300) -> [UInt8] {
        box("moof", box("mfhd", zeros(8)) + box("traf", zeros(40))) + box("mdat", noise(length))
    }

    static let mp4 = box("ftyp", ascii("isom\0\0\u{2}\0isommp42"))
    static let quickTime = box("ftyp", ascii("qt  \0\0\u{2}\0qt  "))
    static let heic = box("ftyp", ascii("heic\0\0\0\0mif1heic")) + box("meta", zeros(60))

    /// Bytes that stand for coded pictures, without FF.
    static func noise(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 167) >> 2 % 255) & 0x7F }
    }

    /// A JPEG file. `segments` come first; `scan` is all that follows the scan's header.
    static func jpeg(_ segments: [UInt8] = [], frame: UInt8 = 0xC0, scan: [UInt8] = [0x3F, 0xFF, 0xD9]) -> [UInt8] {
        [0xFF, 0xD8] + segments + segment(0xDB, zeros(65)) + segment(frame, [8, 0, 1, 0, 1, 1, 1, 0x11, 0])
            + segment(0xDA, [1, 1, 0, 0, 0x3F, 0]) + scan
    }

    static func segment(_ marker: UInt8, _ body: [UInt8]) -> [UInt8] {
        [0xFF, marker] + bigEndian(UInt64(body.count + 2), 2) + body
    }

    /// A PNG file of these chunks behind its header. The checksums are zero: nobody looks at them.
    static func png(_ chunks: [UInt8]...) -> [UInt8] {
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", zeros(13)) + chunks.flatMap(\.self)
    }

    static func chunk(_ type: String, _ body: [UInt8] = []) -> [UInt8] {
        bigEndian(UInt64(body.count), 4) + ascii(type) + body + zeros(4)
    }

    /// A RIFF file whose header says that it has `more` bytes than it has.
    static func riff(_ form: String, _ chunks: [UInt8], more: Int = 0) -> [UInt8] {
        ascii("RIFF") + littleEndian(UInt64(4 + chunks.count + more), 4) + ascii(form) + chunks
    }

    static func riffChunk(_ type: String, _ body: [UInt8]) -> [UInt8] {
        ascii(type) + littleEndian(UInt64(body.count), 4) + body + zeros(body.count & 1)
    }

    /// A WebM file with tracks of these types behind `before`. Type 1 is video, 2 is sound.
    static func webm(_ types: UInt8..., before: [UInt8] = [], behind: [UInt8] = []) -> [UInt8] {
        webmHeader + segment(before + tracks(types) + behind)
    }

    static let webmHeader = element([0x1A, 0x45, 0xDF, 0xA3], documentType("webm"))

    /// A segment whose size has eight bytes.
    static func segment(_ body: [UInt8]) -> [UInt8] {
        [0x18, 0x53, 0x80, 0x67, 0x01] + bigEndian(UInt64(body.count), 7) + body
    }

    static func tracks(_ types: [UInt8]) -> [UInt8] {
        let entries = types.flatMap { element([0xAE], element([0xD7], [1]) + element([0x83], [$0])) }
        return element([0x16, 0x54, 0xAE, 0x6B], entries)
    }

    /// A seek head that names the place of the tracks, and is 23 bytes long.
    static func seekHead(tracksAt position: Int) -> [UInt8] {
        let id = element([0x53, 0xAB], [0x16, 0x54, 0xAE, 0x6B])
        let place = element([0x53, 0xAC], bigEndian(UInt64(position), 4))
        return element([0x11, 0x4D, 0x9B, 0x74], element([0x4D, 0xBB], id + place))
    }

    /// A TIFF file. A field is a tag and a number; field 330 is the place of a further directory, field 271 a text.
    static func tiff(
        _ fields: [(tag: UInt64, value: UInt64)],
        maker: String = "",
        below: [(tag: UInt64, value: UInt64)] = []
    )
        -> [UInt8]
    {
        let count = fields.count + (maker.isEmpty ? 0 : 1) + (below.isEmpty ? 0 : 1)
        let end = 8 + 2 + 12 * count + 4
        let name = ascii(maker) + zeros(maker.isEmpty ? 0 : 1)
        var rows = fields.map { field($0.tag, type: 4, count: 1, $0.value) }
        if !maker.isEmpty { rows.append(field(271, type: 2, count: UInt64(name.count), UInt64(end))) }
        if !below.isEmpty { rows.append(field(330, type: 4, count: 1, UInt64(end + name.count))) }
        let further =
            littleEndian(UInt64(below.count), 2) + below.flatMap { field($0.tag, type: 4, count: 1, $0.value) }
        return ascii("II*\0") + littleEndian(8, 4) + littleEndian(UInt64(count), 2) + rows.flatMap(\.self) + zeros(4)
            + name + (below.isEmpty ? [] : further + zeros(4)) + noise(200)
    }

    private static func field(_ tag: UInt64, type: UInt64, count: UInt64, _ value: UInt64) -> [UInt8] {
        littleEndian(tag, 2) + littleEndian(type, 2) + littleEndian(count, 4) + littleEndian(value, 4)
    }
}

extension MediaClassifier {
    /// What a file with this content is.
    static func classify(_ content: [UInt8]) -> MediaFinding {
        classify(FileBytes(content))
    }
}
