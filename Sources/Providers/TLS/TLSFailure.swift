import NIOSSL

/// The cause of a failed TLS handshake, read from the library's error.
enum TLSFailure: Hashable, Sendable {
    /// The certificate is not good. A ``CertificateInquiry`` names its fault.
    case certificate
    /// The certificate is for other names.
    case name
    /// The other end speaks no TLS from 1.2 on.
    case version
    /// The other end does not speak TLS.
    case noTLS
    /// The other end wants a client certificate.
    case clientCertificate
    /// The other end refused the handshake, and its alert does not say why. Under TLS 1.2, a missing client certificate
    /// and unknown ciphers both end so.
    case refused
    /// The connection ended within the handshake: a server that is just starting, or busy.
    case closed
    /// Any other failure, in the library's own words, such as `handshake failure`.
    case other(String)

    /// Nil for an error that has nothing to do with TLS.
    init?(_ error: any Error) {
        switch error {
        case let error as NIOSSLExtraError
        where error == .failedToValidateHostname || error == .serverHostnameImpossibleToMatch:
            self = .name
        case NIOSSLError.handshakeFailed(let error): self.init(error)
        case NIOSSLError.unableToValidateCertificate, NIOSSLError.noCertificateToValidate: self = .certificate
        // Under TLS 1.3, the demand for a client certificate comes after the handshake. Any other break of a standing
        // connection may be transient.
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

    /// Reads the number in the error's description: BoringSSL's error has it nowhere else.
    ///
    /// The description reads `Error: 268435581 error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED
    /// at …` (seen in swift-nio-ssl 2.37). The low 12 bits are the reason: `ERR_GET_REASON` and `SSL_R_…` in ssl.h. A
    /// reason of 1000 or more is 1000 plus the number of a TLS alert.
    private init(_ error: BoringSSLInternalError) {
        let words = error.description.split(separator: " ")
        let reason = words.dropFirst().first.flatMap { UInt32($0) }.map { $0 & 0xFFF }
        self =
            switch reason {
            case 125: .certificate
            case 240, 1070, 1086: .version
            case 102, 155, 156, 227, 247: .noTLS
            case 1041, 1116: .clientCertificate
            // The alerts handshake_failure (40) and insufficient_security (71) of RFC 5246, section 7.2.
            case 1040, 1071: .refused
            default: .other(Self.word(in: error.description))
            }
    }

    /// The error's name in plain words: `SSLV3_ALERT_HANDSHAKE_FAILURE` as `alert handshake failure`.
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
