import NIOSSL
import Pipeline

/// The facts in a server's certificates, and their fault in words for people.
///
/// A value, so that each sentence is tested by asking for it. ``CertificateInquiry`` gets the certificates.
struct CertificateFacts: Hashable, Sendable {
    /// One of the certificates that a server shows.
    struct Certificate: Hashable, Sendable {
        let notBefore: Timestamp
        let notAfter: Timestamp
        /// The DNS names in the certificate.
        var names: [String] = []
    }

    /// The server's own certificate first, then those that sign it.
    let certificates: [Certificate]

    /// The fault, for a sentence. `hasSystemAuthorities` is false on a machine without the package `ca-certificates`.
    func words(_ failure: TLSFailure, host: String, at now: Timestamp, hasSystemAuthorities: Bool) -> String {
        guard let own = certificates.first else { return "the certificate of \(host) is not good" }
        if own.notAfter < now { return "the certificate of \(host) has expired on \(Self.day(own.notAfter))" }
        if now < own.notBefore {
            return "the certificate of \(host) holds from \(Self.day(own.notBefore)) on; is this machine's clock right?"
        }
        if failure == .name {
            let names = own.names.prefix(3).joined(separator: ", ")
            return "the certificate of \(host) is for another name\(names.isEmpty ? "" : " (\(names))")"
        }
        if let signer = certificates.dropFirst().first(where: { $0.notAfter < now }) {
            return "a certificate that signs that of \(host) has expired on \(Self.day(signer.notAfter))"
        }
        if !hasSystemAuthorities {
            return "this machine knows no certificate authority that could vouch for \(host): install ca-certificates"
        }
        return
            "the certificate of \(host) is signed by an authority that this machine does not know; ca_file can name it"
    }

    /// The day of a moment, such as `2026-11-22`.
    private static func day(_ time: Timestamp) -> String { String(time.iso8601.prefix(10)) }
}

extension CertificateFacts {
    init(_ chain: [NIOSSLCertificate]) {
        certificates = chain.map { certificate in
            Certificate(
                notBefore: Timestamp(milliseconds: Int64(certificate.notValidBefore) * 1000),
                notAfter: Timestamp(milliseconds: Int64(certificate.notValidAfter) * 1000),
                names: certificate._subjectAlternativeNames().filter { $0.nameType == .dnsName }
                    .map { String(decoding: Array($0.contents), as: UTF8.self) }
            )
        }
    }
}
