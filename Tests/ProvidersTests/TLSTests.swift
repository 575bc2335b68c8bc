import NIOSSL
import Pipeline
import TestSupport
import Testing

@testable import Providers

/// Real servers that speak TLS, well and badly.
@Suite(.timeLimit(.minutes(5))) struct TLSTests {
    private let certificates: TestCertificates
    private let authorities: Authorities

    init() throws {
        certificates = try TestCertificates()
        authorities = try #require(Authorities(pem: Array(certificates.authority.utf8)))
    }

    private func serving<Result: Sendable>(
        _ kind: TestCertificates.Kind,
        _ body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let tls = try ScriptedServer.tls(certificate: certificates.certificate(kind), key: certificates.key(kind))
        return try await ScriptedServer.run(.text(200, "{}"), tls: tls, body: body)
    }

    /// What comes of a call to a URL.
    private func error(_ url: String, _ authorities: Authorities? = nil) async throws -> ProviderError? {
        try await withTransfer(addresses: ["outtray.test": "127.0.0.1"]) { transfer in
            await failure {
                let request = TransferRequest(
                    method: .get,
                    url: url + "/?key=secret",
                    patience: .seconds(50),
                    authorities: authorities
                )
                _ = try await transfer.exchange(request)
            }
        }
    }

    @Test(arguments: ["localhost", "127.0.0.1", "outtray.test"])
    func `an authority of the account's own vouches for names and addresses`(host: String) async throws {
        try await serving(.good) { server in
            let error = try await error(server.url(host: host), authorities)
            #expect(error == nil)
            #expect(server.requests.count == 1)
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `API and storage are both reached by TLS with it, and not without`(kind: ProviderKind) async throws {
        let tls = try ScriptedServer.tls(certificate: certificates.certificate(.good), key: certificates.key(.good))
        try await ScriptedServer.run(.answer(200, headers: [("ETag", "\"1\"")]), tls: tls) { storage in
            let upload = storage.url(host: "localhost") + "/k?sig=1"
            let answer = #"{"uploadUrl":"\#(upload)","mediaAsset":{"id":"med_1"},"assetUrn":"urn:li:x:1"}"#
            try await ScriptedServer.run(.text(200, answer), tls: tls) { api in
                try await withTransfer { transfer in
                    var settings = settings(api)
                    let stranger = kind.make(settings, transfer: transfer)
                    let refused = await failure { _ = try await stranger.ask(for: sampleFile()) }
                    #expect(refused?.kind == .insecure)
                    settings.authorities = authorities
                    let provider = kind.make(settings, transfer: transfer)

                    let ticket = try await provider.ask(for: sampleFile())
                    let bytes = stream(of: sampleBytes(5))
                    let taken = try await provider.send(ticket.pieces[0], of: sampleFile(), body: bytes)

                    #expect(taken.status == 200)
                    #expect(storage.requests.map(\.body) == [sampleBytes(5)])
                }
            }
        }
    }

    @Test(arguments: [
        (TestCertificates.Kind.good, "is signed by an authority that this machine does not know; ca_file can name it"),
        (.selfSigned, "is signed by an authority that this machine does not know; ca_file can name it"),
        (.expired, "has expired on "),
    ])
    func `a certificate that is not good is told in the words of a person`(
        kind: TestCertificates.Kind,
        words: String
    ) async throws {
        try await serving(kind) { server in
            let url = server.url(host: "localhost")
            let error = try await error(url)

            #expect(error?.kind == .insecure)
            let start = "the certificate of \(URLText.host(url)) \(words)"
            #expect(error?.reason.hasPrefix(start) == true, "\(error?.reason ?? "")")
            let rest = error?.reason.dropFirst(start.count) ?? ""
            #expect(rest.isEmpty || rest.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil)
            #expect(server.requests.isEmpty)
        }
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func `a certificate for another name is told as one`(host: String) async throws {
        try await serving(.elsewhere) { server in
            let url = server.url(host: host)
            let error = try await error(url, authorities)

            #expect(error?.kind == .insecure)
            #expect(
                error?.reason == "the certificate of \(URLText.host(url)) is for another name (elsewhere.test)",
                "\(error?.reason ?? "")"
            )
        }
    }

    @Test func `an expired certificate of a known authority is an expired one`() async throws {
        try await serving(.expired) { server in
            let error = try await error(server.url(host: "localhost"), authorities)

            #expect(error?.reason.contains("has expired on ") == true, "\(error?.reason ?? "")")
        }
    }

    @Test func `TLS 1 and 1 1 are refused`() async throws {
        let tls = try ScriptedServer.tls(
            certificate: certificates.certificate(.good),
            key: certificates.key(.good),
            from: .tlsv1,
            to: .tlsv11
        )
        try await ScriptedServer.run(.text(200, "{}"), tls: tls) { server in
            let url = server.url(host: "localhost")
            let error = try await error(url, authorities)

            #expect(error?.kind == .insecure)
            #expect(error?.reason == "\(URLText.host(url)) has no TLS 1.2 or newer")
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `TLS 1 2 is enough`() async throws {
        let tls = try ScriptedServer.tls(
            certificate: certificates.certificate(.good),
            key: certificates.key(.good),
            to: .tlsv12
        )
        try await ScriptedServer.run(.text(200, "{}"), tls: tls) { server in
            let error = try await error(server.url(host: "localhost"), authorities)
            #expect(error == nil)
        }
    }

    @Test func `a server that wants a client certificate is told as one`() async throws {
        var tls = try ScriptedServer.tls(certificate: certificates.certificate(.good), key: certificates.key(.good))
        tls.certificateVerification = .noHostnameVerification
        try await ScriptedServer.run(.text(200, "{}"), tls: tls) { server in
            let url = server.url(host: "localhost")
            let error = try await error(url, authorities)

            #expect(error?.kind == .insecure)
            #expect(
                error?.reason == "\(URLText.host(url)) wants a client certificate, and there is none to show",
                "\(error?.reason ?? "")"
            )
        }
    }

    /// TLS 1.2 has no alert for a missing client certificate.
    @Test func `a server that refuses the handshake is told with what it may want`() async throws {
        var demanding = try ScriptedServer.tls(
            certificate: certificates.certificate(.good),
            key: certificates.key(.good)
        )
        demanding.certificateVerification = .noHostnameVerification
        demanding.maximumTLSVersion = .tlsv12
        try await ScriptedServer.run(.text(200, "{}"), tls: demanding) { server in
            let url = server.url(host: "localhost")
            let error = try await error(url, authorities)

            #expect(error?.kind == .insecure)
            #expect(
                error?.reason == "\(URLText.host(url)) refused the TLS handshake: it may want a client certificate, or "
                    + "ciphers that are not spoken here",
                "\(error?.reason ?? "")"
            )
        }
    }

    @Test func `plain HTTP to a TLS port is no answer`() async throws {
        try await serving(.good) { server in
            let error = try await error(server.url.replacing("https:", with: "http:"))

            #expect(error != nil && error?.reason.contains("secret") == false)
            #expect(error?.kind == .outOfOrder || error?.kind == .transient, "\(String(describing: error))")
        }
    }

    @Test func `what holds no certificate is no list of authorities`() {
        #expect(Authorities(pem: []) == nil)
        #expect(Authorities(pem: Array("no certificate".utf8)) == nil)
        #expect(Authorities(pem: Array(certificates.key(.good).utf8)) == nil)
        #expect(Authorities(pem: Array((certificates.authority + certificates.certificate(.good)).utf8)) != nil)
    }
}
