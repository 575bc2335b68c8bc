import NIOSSL

/// Certificate authorities that an account trusts beside those of the system: its `ca_file`.
package struct Authorities: Hashable, Sendable {
    private let certificates: [NIOSSLCertificate]

    /// Reads PEM text. Nil if it holds no certificate or an unreadable one.
    package init?(pem: [UInt8]) {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(pem), !certificates.isEmpty else { return nil }
        self.certificates = certificates
    }

    /// The TLS rules of each connection: a certificate for the host's name, by a trusted authority, and at least
    /// TLS 1.2.
    ///
    /// RFC 8996 ends TLS 1.0 and 1.1.
    static func configuration(with authorities: Authorities?) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let authorities { configuration.additionalTrustRoots = [.certificates(authorities.certificates)] }
        return configuration
    }
}
