/// The first chunk of a WebP file (RFC 9649), which tells the sides of the picture.
enum WebPFrame {
    private static let body: Int64 = 20

    static func measure(in bytes: FileBytes) -> MediaMeasure {
        switch bytes.fourCC(at: 12) {
        case "VP8X": extended(bytes)
        case "VP8L": lossless(bytes)
        case "VP8 ": lossy(bytes)
        default: .unknown
        }
    }

    /// The canvas, less one each, behind the flags.
    private static func extended(_ bytes: FileBytes) -> MediaMeasure {
        guard
            let width = bytes.littleNumber(at: body + 4, length: 3),
            let height = bytes.littleNumber(at: body + 7, length: 3)
        else { return .unknown }
        return MediaMeasure(sides: (width + 1, height + 1))
    }

    /// 14 bits each, less one, behind a signature.
    private static func lossless(_ bytes: FileBytes) -> MediaMeasure {
        guard bytes.number(at: body, length: 1) == 0x2F, let sides = bytes.littleNumber(at: body + 1, length: 4) else {
            return .unknown
        }
        return MediaMeasure(sides: (sides & 0x3FFF + 1, sides >> 14 & 0x3FFF + 1))
    }

    /// 14 bits each, behind the start code of a key frame (RFC 6386, 9.1). The two bits above are a scale for viewers.
    private static func lossy(_ bytes: FileBytes) -> MediaMeasure {
        guard
            bytes.number(at: body + 3, length: 3) == 0x9D012A,
            let width = bytes.littleNumber(at: body + 6, length: 2),
            let height = bytes.littleNumber(at: body + 8, length: 2)
        else { return .unknown }
        return MediaMeasure(sides: (width & 0x3FFF, height & 0x3FFF))
    }
}
