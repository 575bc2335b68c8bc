import NIOSSL
import Pipeline

/// The certificate that a TCP listener shows, and its key.
package struct ListenerCertificate: Sendable, Equatable {
    /// Why a pair of files is no such thing.
    package enum Problem: Error {
        /// The one file holds no certificate that can be read.
        case certificate
        /// The other holds no key that can be read. A key with a passphrase is none.
        case key
        /// They do not belong together.
        case mismatch
    }

    /// The listener's own certificate first, then those that sign it.
    private let chain: [NIOSSLCertificate]
    private let key: NIOSSLPrivateKey

    /// Reads two texts in PEM.
    package init(certificate: [UInt8], key: [UInt8]) throws(Problem) {
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(certificate), !chain.isEmpty else { throw .certificate }
        // Without a passphrase of ours, the library would have none either, and fail.
        guard let key = try? NIOSSLPrivateKey(bytes: key, format: .pem) else { throw .key }
        self.chain = chain
        self.key = key
        guard (try? NIOSSLContext(configuration: configuration)) != nil else { throw .mismatch }
    }

    /// When the listener's own certificate ends.
    package var expiry: Timestamp { Timestamp(milliseconds: Int64(chain[0].notValidAfter) * 1000) }

    /// TLS 1.2 at least, and HTTP/1.1 alone. RFC 8996 ends TLS 1.0 and 1.1.
    var configuration: TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }
}
