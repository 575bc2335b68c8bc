import Foundation

/// A certificate authority that no machine knows, and the certificates that it signed. openssl(1) makes them for each
/// test anew.
///
/// All are for `localhost`, `outtray.test` and 127.0.0.1, unless their kind says otherwise.
package struct TestCertificates: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case good
        /// Expired since yesterday.
        case expired
        /// For `elsewhere.test` only.
        case elsewhere
        /// Signed by itself, not by the authority.
        case selfSigned
    }

    /// The authority's own certificate, in PEM.
    package let authority: String
    /// The key of ``Kind/good``, locked with a passphrase.
    package let lockedKey: String
    private let certificates: [Kind: String]
    private let keys: [Kind: String]

    package func certificate(_ kind: Kind) -> String { certificates[kind] ?? "" }
    package func key(_ kind: Kind) -> String { keys[kind] ?? "" }

    package init() throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("outtray-tls-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: directory) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-euc", Self.script]
        process.currentDirectoryURL = directory
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(status: process.terminationStatus) }
        func text(_ name: String) throws -> String {
            try String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
        }
        authority = try text("ca.pem")
        lockedKey = try text("locked.key")
        var certificates: [Kind: String] = [:]
        var keys: [Kind: String] = [:]
        for kind in Kind.allCases {
            certificates[kind] = try text("\(kind.rawValue).pem")
            keys[kind] = try text("\(kind.rawValue).key")
        }
        self.certificates = certificates
        self.keys = keys
    }

    /// openssl failed. packaging/prepare installs it.
    struct Failure: Error {
        let status: Int32
    }

    private static let script = """
        new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        here="subjectAltName=DNS:localhost,DNS:outtray.test,IP:127.0.0.1"
        openssl req -x509 $new -keyout ca.key -out ca.pem -days 2 -subj "/CN=Outtray test authority"
        sign() { # name, days, alternative names
            openssl req -new $new -keyout $1.key -out $1.csr -subj "/CN=$1"
            echo "$3" > names
            openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days $2 -extfile names -out $1.pem
        }
        sign good 2 "$here"
        openssl pkey -in good.key -aes256 -passout pass:secret -out locked.key
        sign expired -1 "$here"
        sign elsewhere 2 "subjectAltName=DNS:elsewhere.test"
        openssl req -x509 $new -keyout selfSigned.key -out selfSigned.pem -days 2 -subj /CN=localhost -addext "$here"
        """
}
