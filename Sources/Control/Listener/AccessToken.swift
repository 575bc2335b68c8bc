import Crypto

/// The token that clients of a TCP listener show. Only its digest is kept, so that it never prints itself.
package struct AccessToken: Sendable, Equatable {
    /// The fewest bytes of a token: whoever may try often must not guess it.
    package static let leastBytes = 16

    private let digest: SHA256.Digest

    package init(_ token: String) {
        digest = SHA256.hash(data: Array(token.utf8))
    }

    /// Whether the value of an `Authorization` field shows this token, as `Bearer TOKEN` (RFC 6750, section 2.1).
    ///
    /// The time that it takes tells nothing of the token: digests are compared, and these in constant time.
    func isShown(by field: String) -> Bool {
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return false }
        return SHA256.hash(data: Array(parts[1].drop { $0 == " " }.utf8)) == digest
    }
}
