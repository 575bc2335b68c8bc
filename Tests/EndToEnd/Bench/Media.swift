import Crypto
import Pipeline
import Sandbox

/// Real media with any number of different contents. Each is a sample plus trailing bytes that decoders skip.
enum Media {
    static func jpeg(_ number: Int = 0) -> [UInt8] { sample("photo.jpg") + Array("number \(number)".utf8) }

    static func pdf(_ number: Int = 0) -> [UInt8] { sample("brochure.pdf") + Array("%\(number)\n".utf8) }

    /// An MP4 of exactly `bytes` bytes. A `free` box at the end fills the sample up.
    static func mp4(bytes: Int, number: Int = 0) -> [UInt8] {
        var video = sample("teaser.mp4")
        let size = UInt32(bytes - video.count)
        video += withUnsafeBytes(of: size.bigEndian, Array.init) + Array("free".utf8) + Array("\(number)".utf8)
        // The block's length is no power of two, so the parts of 4 MiB differ from each other.
        let block = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        while video.count < bytes { video += block.prefix(bytes - video.count) }
        return video
    }

    /// The SHA-256 as the manifest writes it.
    static func sha256(_ bytes: [UInt8]) -> String {
        SHA256Digest(bytes: Array(SHA256.hash(data: bytes))).hex
    }

    /// The bytes of a ``SampleFile``. An unknown name gives an empty file, which no account accepts.
    static func sample(_ name: String) -> [UInt8] {
        (SampleFile.accepted + SampleFile.rejected).first { $0.name == name }?.bytes ?? []
    }
}
