import Crypto

/// A secret that a browser shows: a link's key, or a session's cookie. It is kept as its digest alone.
enum PageSecret {
    /// New random digits of hexadecimal, two a byte.
    static func digits(bytes: Int) -> String {
        hex((0..<bytes).map { _ in UInt8.random(in: .min ... .max) })
    }

    /// The digest of a secret. Whoever reads digests cannot log in with them.
    ///
    /// The time that a comparison of digests takes tells nothing of the secret.
    static func digest(_ secret: some StringProtocol) -> String { hex(SHA256.hash(data: Array(secret.utf8))) }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
