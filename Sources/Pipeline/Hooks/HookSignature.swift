import Crypto

/// The signature by which a receiver knows that a body comes from here.
package enum HookSignature {
    /// `sha256=` and the HMAC-SHA256 of the body under the secret's UTF-8, in hex.
    package static func of(_ body: [UInt8], secret: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array(secret.utf8)))
        let digits = code.map { byte in
            let hex = String(byte, radix: 16)
            return hex.count < 2 ? "0" + hex : hex
        }
        return "sha256=" + digits.joined()
    }
}
