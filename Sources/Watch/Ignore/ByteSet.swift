/// Some of the 256 bytes.
struct ByteSet: Sendable, Equatable {
    private var words = SIMD4<UInt64>()

    mutating func insert(_ byte: UInt8) {
        words[Int(byte >> 6)] |= 1 << UInt64(byte & 63)
    }

    func contains(_ byte: UInt8) -> Bool {
        words[Int(byte >> 6)] & (1 << UInt64(byte & 63)) != 0
    }
}

extension UInt8 {
    static let slash = UInt8(ascii: "/")
    static let star = UInt8(ascii: "*")
    static let backslash = UInt8(ascii: "\\")

    /// The small letter of an ASCII capital; any other byte itself. Locales play no part.
    var small: UInt8 { (65...90).contains(self) ? self + 32 : self }

    /// The capital of a small ASCII letter; any other byte itself.
    var capital: UInt8 { (97...122).contains(self) ? self - 32 : self }
}
