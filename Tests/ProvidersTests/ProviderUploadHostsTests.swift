import Pipeline
import Sandbox
import TestSupport
import Testing

@testable import Providers

/// No provider sends a byte to a host that the account does not allow.
@Suite(.timeLimit(.minutes(5))) struct ProviderUploadHostsTests {
    @Test(arguments: ProviderKind.allCases)
    func `a storage that is not listed gets nothing, and is told by its name`(kind: ProviderKind) async throws {
        let listed = [UploadHost("storage.example")].compactMap(\.self)
        try await ProviderAtSandbox.run(kind, uploadHosts: listed) { it in
            let error = await failure { _ = try await it.provider.ask(for: it.video(size: 9_000_000)) }

            #expect(error?.kind == .refusedHost)
            #expect(error?.reason.hasPrefix("127.0.0.1:") == true)
            #expect(it.sandbox.books.page.puts.isEmpty)
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a listed storage gets its bytes`(kind: ProviderKind) async throws {
        let listed = [UploadHost("127.0.0.1")].compactMap(\.self)
        try await ProviderAtSandbox.run(kind, uploadHosts: listed) { it in
            let receipt = try await it.upload(SampleFile.jpeg.bytes, as: it.file(.jpeg))

            try it.expect(SampleFile.jpeg.bytes, under: receipt)
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a ticket from before the list gets nothing either`(kind: ProviderKind) async throws {
        try await ScriptedServer.run(.answer(200)) { server in
            try await withTransfer { transfer in
                let provider = kind.make(narrowed(settings(server), to: "storage.example"), transfer: transfer)
                let piece = Piece(index: 0, range: 0..<1, url: server.url + "/key?secret", headers: [])
                let error = await failure {
                    _ = try await provider.send(piece, of: sampleFile(size: 1), body: stream(of: [1]))
                }

                #expect(error?.kind == .refusedHost)
                #expect(error?.reason.contains("secret") == false)
                #expect(server.requests.isEmpty)
            }
        }
    }

    /// `api.example` is a name of the scripted server, so that its API looks public.
    @Test(arguments: ProviderKind.allCases, ["http://127.0.0.1:9/k", "http://169.254.169.254/latest", "http://db/k"])
    func `a public API's answer that points into the inner network is refused`(kind: ProviderKind, upload: String)
        async throws
    {
        try await ScriptedServer.run(.text(200, Self.answer(to: kind, upload))) { server in
            try await withTransfer(addresses: ["api.example": "127.0.0.1"]) { transfer in
                let provider = kind.make(Self.publicSettings(server), transfer: transfer)
                let error = await failure { _ = try await provider.ask(for: sampleFile()) }

                #expect(error?.kind == .refusedHost)
                #expect(error?.reason.contains(URLText.host(upload)) == true)
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a public API's storage whose name leads to this machine gets a connection and not a byte`(kind: ProviderKind)
        async throws
    {
        try await ScriptedServer.run(.answer(200, headers: [("ETag", "\"1\"")])) { storage in
            let upload = storage.url.replacing("127.0.0.1", with: "storage.example") + "/key?secret"
            try await ScriptedServer.run(.text(200, Self.answer(to: kind, upload))) { server in
                let addresses = ["api.example": "127.0.0.1", "storage.example": "127.0.0.1"]
                try await withTransfer(addresses: addresses) { transfer in
                    let provider = kind.make(Self.publicSettings(server), transfer: transfer)
                    let ticket = try await provider.ask(for: sampleFile())
                    // Twice: the connection that was refused is not kept for the next one.
                    for _ in 1...2 {
                        let error = await failure {
                            _ = try await provider.send(
                                ticket.pieces[0],
                                of: sampleFile(),
                                body: stream(of: [1, 2, 3, 4, 5])
                            )
                        }

                        #expect(error?.kind == .refusedHost)
                        #expect(error?.reason.hasPrefix("storage.example:") == true)
                        #expect(error?.reason.contains("secret") == false)
                    }
                    #expect(storage.requests.isEmpty)

                    let named = narrowed(Self.publicSettings(server), to: "storage.example")
                    let answer = try await kind.make(named, transfer: transfer).send(
                        ticket.pieces[0],
                        of: sampleFile(),
                        body: stream(of: [1, 2, 3, 4, 5])
                    )
                    #expect(answer.status == 200)
                    #expect(storage.requests.map(\.body) == [[1, 2, 3, 4, 5]])
                }
            }
        }
    }

    private static func publicSettings(_ server: ScriptedServer) -> ConnectionSettings {
        var settings = settings(server)
        settings.baseURL = settings.baseURL.replacing("127.0.0.1", with: "api.example")
        return settings
    }

    /// What *ask* is answered, with that upload URL.
    private static func answer(to kind: ProviderKind, _ upload: String) -> String {
        switch kind {
        case .postbreeze: #"{"uploadUrl":"\#(upload)","headers":{},"mediaAsset":{"id":"med_1"}}"#
        case .connectsafely: #"{"success":true,"assetUrn":"urn:li:a:1","uploadUrl":"\#(upload)"}"#
        }
    }
}

/// The same settings with a list of one host.
private func narrowed(_ settings: ConnectionSettings, to host: String) -> ConnectionSettings {
    var settings = settings
    settings.uploadHosts = [UploadHost(host)].compactMap(\.self)
    return settings
}
