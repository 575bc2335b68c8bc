import Crypto
import FoundationEssentials

/// Seals tickets for the index of a fleet. Their URLs are secrets, which the database must not hold.
///
/// The key is made of the account's API key. So a host with another key cannot read the ticket, and asks for its own.
/// AES-GCM with a random nonce (NIST SP 800-38D), the key by HKDF (RFC 5869).
package struct TicketSeal: Sendable {
    private let key: SymmetricKey
    /// By this, hosts with the same API key know each other. It tells nothing of the key.
    package let mark: String

    package init(apiKey: String) {
        key = Self.key("ticket", of: apiKey)
        mark = Self.mark("mark", apiKey: apiKey)
    }

    /// A text that is the same wherever the API key and the purpose are, and tells nothing of the key.
    static func mark(_ purpose: String, apiKey: String) -> String {
        SHA256Digest(bytes: key(purpose, of: apiKey).withUnsafeBytes { Array($0) }).hex
    }

    private static func key(_ purpose: String, of apiKey: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(apiKey.utf8)),
            info: Array("outtray fleet \(purpose) 1".utf8),
            outputByteCount: 32
        )
    }

    /// `sha256` is the content that the ticket is for. The same sealed ticket is no ticket for another content.
    package func seal(_ ticket: Ticket, for sha256: SHA256Digest) throws -> [UInt8] {
        let box = try AES.GCM.seal(JSONEncoder().encode(ticket), using: key, authenticating: sha256.bytes)
        // A box whose nonce has the usual 12 bytes has a combined form.
        return box.combined.map { Array($0) } ?? []
    }

    /// Nil for a ticket that was sealed with another key, or for another content.
    package func open(_ sealed: [UInt8], for sha256: SHA256Digest) -> Ticket? {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let text = try? AES.GCM.open(box, using: key, authenticating: sha256.bytes)
        else { return nil }
        return try? JSONDecoder().decode(Ticket.self, from: text)
    }
}
