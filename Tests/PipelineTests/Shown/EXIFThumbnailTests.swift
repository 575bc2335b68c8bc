import Pipeline
import Testing

/// Thumbnails in JPEG files, by files that are put together byte by byte.
@Suite struct EXIFThumbnailTests {
    private static let small: [UInt8] = [0xFF, 0xD8, 0xFF, 0xDB, 1, 2, 3, 0xFF, 0xD9]

    /// A JPEG file with an Exif segment. `change` is made to its TIFF structure.
    private static func file(
        isLittle: Bool = false,
        orientation: Int = 1,
        before: [UInt8] = [],
        change: (inout [UInt8]) -> Void = { _ in }
    ) -> [UInt8] {
        func number(_ value: Int, _ length: Int) -> [UInt8] {
            let bytes = (0..<length).reversed().map { UInt8(value >> (8 * $0) & 255) }
            return isLittle ? bytes.reversed() : bytes
        }
        func entry(_ tag: Int, _ type: Int, _ value: Int) -> [UInt8] {
            number(tag, 2) + number(type, 2) + number(1, 4)
                + (type == 3 ? number(value, 2) + number(0, 2) : number(value, 4))
        }
        // IFD0 with one entry is at 8 and has 18 bytes, IFD1 with two is at 26 and has 30.
        var tiff: [UInt8] = Array((isLittle ? "II" : "MM").utf8) + number(42, 2) + number(8, 4)
        tiff += number(1, 2) + entry(0x0112, 3, orientation) + number(26, 4)
        tiff += number(2, 2) + entry(0x0201, 4, 56) + entry(0x0202, 4, small.count) + number(0, 4)
        tiff += small
        change(&tiff)
        let content = Array("Exif".utf8) + [0, 0] + tiff
        let length = content.count + 2
        return [0xFF, 0xD8] + before + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + content
            + [0xFF, 0xDA, 0, 2, 9, 9, 9]
    }

    @Test(arguments: [true, false]) func `the second directory's picture is found, in both byte orders`(isLittle: Bool)
    {
        #expect(EXIFThumbnail.find(in: Self.file(isLittle: isLittle)) == Self.small)
        let jfif: [UInt8] = [0xFF, 0xE0, 0, 4, 1, 1]
        #expect(EXIFThumbnail.find(in: Self.file(isLittle: isLittle, before: jfif)) == Self.small)
    }

    @Test func `a turned picture's thumbnail says how it is turned`() throws {
        for orientation in 2...8 {
            let found = try #require(EXIFThumbnail.find(in: Self.file(orientation: orientation)))
            #expect(found.starts(with: [0xFF, 0xD8, 0xFF, 0xE1]) && found.suffix(7) == Self.small.suffix(7))
            // What was put before the picture is a segment of its own, of the length that it says.
            let length = Int(found[4]) << 8 | Int(found[5])
            #expect(Array(found[(4 + length)...]) == Array(Self.small.dropFirst(2)))
            // The tag, its type, its count and its value; no directory follows.
            #expect(
                found[(4 + length - 16)..<(4 + length)] == [
                    1, 0x12, 0, 3, 0, 0, 0, 1, 0, UInt8(orientation), 0, 0, 0, 0, 0, 0,
                ]
            )
        }
        #expect(EXIFThumbnail.find(in: Self.file(orientation: 9)) == Self.small)
    }

    @Test func `what leads out of the file, or is no picture, is none`() {
        let whole = Self.file()
        #expect(EXIFThumbnail.find(in: []) == nil)
        #expect(EXIFThumbnail.find(in: [0xFF, 0xD8]) == nil)
        #expect(EXIFThumbnail.find(in: [0x89, 0x50] + whole.dropFirst(2)) == nil)
        for length in 0..<(whole.count - 7) { #expect(EXIFThumbnail.find(in: Array(whole.prefix(length))) == nil) }
        // Each of these is a place of the TIFF structure, set to the largest number.
        for place in [0, 2, 4, 8, 22, 26, 36, 48] {
            let broken = Self.file { tiff in for index in place..<(place + 2) { tiff[index] = 0xFF } }
            #expect(EXIFThumbnail.find(in: broken) == nil, "\(place)")
        }
        #expect(EXIFThumbnail.find(in: Self.file { $0[58] = 0 }) == nil)
    }

    @Test func `no damage to any byte does harm`() {
        let whole = Self.file()
        for index in whole.indices {
            for value: UInt8 in [0, 1, 0x7F, 0xFF] {
                var broken = whole
                broken[index] = value
                if let found = EXIFThumbnail.find(in: broken) { #expect(found.starts(with: [0xFF, 0xD8])) }
            }
        }
    }
}
