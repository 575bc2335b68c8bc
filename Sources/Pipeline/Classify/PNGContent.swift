/// The chunks of a PNG file: whether they reach the last one, `IEND`, and the sides that the first one tells.
enum PNGContent {
    /// Past so many chunks, the end of the file decides.
    private static let mostChunks = 3500

    static func finding(in bytes: FileBytes) -> MediaFinding {
        var offset: Int64 = 8
        for number in 0..<mostChunks {
            guard
                let length = bytes.number(at: offset, length: 4),
                let type = bytes.fourCC(at: offset + 4), type.utf8.allSatisfy(isLetter)
            else { return unfinished }
            if number == 0, type == "CgBI" { return MediaFinding(applePNG) }
            if type == "IEND" { return MediaFinding(.png, measure: sides(in: bytes)) }
            offset += 12 + Int64(length)
        }
        let end = bytes.some(at: max(0, bytes.size - (64 << 10)), upTo: 64 << 10) ?? []
        let mark = [0, 0, 0, 0] + Array("IEND".utf8)
        let isWhole = end.indices.contains { end[$0] == 0 && end[$0...].starts(with: mark) }
        return isWhole || bytes.failure != nil ? MediaFinding(.png, measure: sides(in: bytes)) : unfinished
    }

    private static func sides(in bytes: FileBytes) -> MediaMeasure {
        guard bytes.has("IHDR", at: 12) else { return .unknown }
        return MediaMeasure(sides: (bytes.number(at: 16, length: 4), bytes.number(at: 20, length: 4)))
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static let unfinished = MediaFinding.unfinished(.png, "its last chunk (IEND) is missing")

    /// Xcode writes such files into apps: the chunk `CgBI` comes first, and the pixels are in another order.
    private static let applePNG = MediaType.other(
        "image/x-apple-png",
        "a PNG of Apple's own kind (CgBI), which viewers do not show",
        wayOut: "export it as an ordinary PNG"
    )
}
