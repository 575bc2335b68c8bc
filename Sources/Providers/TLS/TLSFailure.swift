import NIOSSL

/// Why a TLS handshake failed, as far as the library's error tells.
enum TLSFailure: Hashable, Sendable {
    /// The certificate is not good; a ``CertificateInquiry`` tells what is wrong with it.
    case certificate
    /// The certificate is for other names.
    case name
    /// The other end has no version of TLS from 1.2 on.
    case version
    /// What came is no TLS.
    case noTLS
    /// The other end wants a certificate of this side.
    case clientCertificate
    /// The connection ended within the handshake: a server that is just starting, or busy.
    case closed
    /// Any other end, in the library's own word, such as `handshake failure`.
    case other(String)

    /// Nil for an error that has nothing to do with TLS.
    init?(_ error: any Error) {
        switch error {
        case let error as NIOSSLExtraError
        where error == .failedToValidateHostname || error == .serverHostnameImpossibleToMatch:
            self = .name
        case NIOSSLError.handshakeFailed(let error): self.init(error)
        case NIOSSLError.unableToValidateCertificate, NIOSSLError.noCertificateToValidate: self = .certificate
        // Under TLS 1.3 this is said after the handshake. Whatever else ends a connection that stood, may pass.
        case let error as BoringSSLError:
            self.init(error)
            if self != .clientCertificate { return nil }
        default: return nil
        }
    }

    private init(_ error: BoringSSLError) {
        switch error {
        case .sslError(let stack), .unknownError(let stack):
            let first = stack.first
            self = first == .eofDuringHandshake ? .closed : first.map { TLSFailure($0) } ?? .other("handshake failure")
        case .zeroReturn, .syscallError: self = .closed
        default: self = .other("handshake failure")
        }
    }

    /// BoringSSL's error has its number nowhere but in its description: `Error: 268435581 error:1000007d:SSL
    /// routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at …` (seen in swift-nio-ssl 2.37). The reason is its low 12 bits
    /// (`ERR_GET_REASON`, `SSL_R_…` in ssl.h; from 1000 on an alert's number).
    private init(_ error: BoringSSLInternalError) {
        let words = error.description.split(separator: " ")
        let reason = words.dropFirst().first.flatMap { UInt32($0) }.map { $0 & 0xFFF }
        self =
            switch reason {
            case 125: .certificate
            case 240, 1070, 1086: .version
            case 102, 155, 156, 227, 247: .noTLS
            case 1041, 1116: .clientCertificate
            default: .other(Self.word(in: error.description))
            }
    }

    /// `SSLV3_ALERT_HANDSHAKE_FAILURE` as `alert handshake failure`.
    private static func word(in description: String) -> String {
        let text = description.prefix { $0 != "\n" }
        let before = text.firstRange(of: " at ").map { text[..<$0.lowerBound] } ?? text[...]
        let name = before.split(separator: ":").last.map(String.init) ?? ""
        let isName =
            !name.isEmpty && name.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == 95 }
        guard isName else { return "handshake failure" }
        let words = name.lowercased().split(separator: "_").filter { $0 != "sslv3" && $0 != "tlsv1" }
        return words.joined(separator: " ")
    }
}
