import NIOSSL

/// Certificate authorities that an account trusts beside those of the system: its `ca_file`.
package struct Authorities: Hashable, Sendable {
    private let certificates: [NIOSSLCertificate]

    /// Reads PEM text; nil where it holds no certificate, or one that cannot be read.
    package init?(pem: [UInt8]) {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(pem), !certificates.isEmpty else { return nil }
        self.certificates = certificates
    }

    /// What each connection asks of the other end: a certificate for its name by an authority that is trusted, and TLS 1.2
    /// at least (RFC 8996 ends 1.0 and 1.1).
    static func configuration(with authorities: Authorities?) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let authorities { configuration.additionalTrustRoots = [.certificates(authorities.certificates)] }
        return configuration
    }
}
