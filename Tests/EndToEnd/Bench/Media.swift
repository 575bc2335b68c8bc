import Crypto
import Pipeline
import Sandbox

/// Real media of any number of different contents: a sample with bytes behind it that decoders skip.
enum Media {
    static func jpeg(_ number: Int = 0) -> [UInt8] { sample("photo.jpg") + Array("number \(number)".utf8) }

    static func pdf(_ number: Int = 0) -> [UInt8] { sample("brochure.pdf") + Array("%\(number)\n".utf8) }

    /// An MP4 of exactly `bytes` bytes: what its sample lacks is a `free` box at the end.
    static func mp4(bytes: Int, number: Int = 0) -> [UInt8] {
        var video = sample("teaser.mp4")
        let size = UInt32(bytes - video.count)
        video += withUnsafeBytes(of: size.bigEndian, Array.init) + Array("free".utf8) + Array("\(number)".utf8)
        // Parts of 4 MiB differ from each other, as no block is a power of two.
        let block = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        while video.count < bytes { video += block.prefix(bytes - video.count) }
        return video
    }

    /// As the manifest has it.
    static func sha256(_ bytes: [UInt8]) -> String {
        SHA256Digest(bytes: Array(SHA256.hash(data: bytes))).hex
    }

    /// One of ``SampleFile``; a name that is none gives an empty file, which nothing accepts.
    static func sample(_ name: String) -> [UInt8] {
        (SampleFile.accepted + SampleFile.rejected).first { $0.name == name }?.bytes ?? []
    }
}
