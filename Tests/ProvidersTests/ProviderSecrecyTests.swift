import Pipeline
import TestSupport
import Testing

@testable import Providers

/// What no provider gives away, whatever a server does: the key, the bytes, the query of a URL.
@Suite(.timeLimit(.minutes(5))) struct ProviderSecrecyTests {
    /// All that a provider ever asks of a server, each step once.
    private func errors(of provider: any Provider, sendingTo url: String) async -> [ProviderError?] {
        let piece = Piece(index: 0, range: 0..<5, url: url, headers: [])
        let receipt = Receipt(assetURN: "urn:li:a:1", mediaID: "med_1", status: .processing)
        let completion = Completion(artifactURN: "urn:li:b:1", metadata: nil).text
        let ticket = Ticket(receipt: receipt, pieces: [piece], completion: completion)
        return [
            await failure { _ = try await provider.ask(for: sampleFile()) },
            await failure { _ = try await provider.send(piece, of: sampleFile(), body: stream(of: sampleBytes(5))) },
            await failure { _ = try await provider.finish(ticket, answers: []) },
            await failure { _ = try await provider.status(of: receipt) },
        ]
    }

    @Test(arguments: ProviderKind.allCases, [301, 302, 303, 307, 308])
    func `no step follows a redirect, with a key, a body or without`(kind: ProviderKind, status: Int) async throws {
        try await ScriptedServer.run(.answer(200)) { target in
            let reply = ScriptedServer.Reply.answer(status, headers: [("Location", target.url + "/x?token=secret")])
            try await ScriptedServer.run(reply) { server in
                try await withTransfer { transfer in
                    let provider = kind.make(settings(server), transfer: transfer)
                    let errors = await errors(of: provider, sendingTo: server.url + "/k").compactMap(\.self)

                    // Postbreeze has nothing to finish.
                    #expect(errors.count == (kind == .postbreeze ? 3 : 4))
                    #expect(errors.allSatisfy { $0.kind == .outOfOrder && $0.status == status })
                    #expect(errors.allSatisfy { !$0.description.contains("secret") })
                    #expect(
                        errors.allSatisfy {
                            $0.reason.hasSuffix(": a redirect to \(target.url), which is not followed")
                        }
                    )
                    #expect(target.requests.isEmpty)
                }
            }
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `the key goes along with calls, and never with a piece`(kind: ProviderKind) async throws {
        try await ScriptedServer.run(.answer(500)) { server in
            try await withTransfer { transfer in
                let provider = kind.make(settings(server), transfer: transfer)
                _ = await errors(of: provider, sendingTo: server.url + "/storage")

                for request in server.requests {
                    let isPiece = request.path == "/storage"
                    let holdsKey = request.headers.contains { $0.value.contains("pb_live_key") }
                    #expect(holdsKey != isPiece)
                    #expect(request.method == "PUT" || !isPiece)
                    #expect(!String(decoding: request.body, as: UTF8.self).contains("pb_live_key"))
                }
            }
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a server that quotes key and query gets neither into an error`(kind: ProviderKind) async throws {
        // The key lies across the place where long words are cut.
        let long = String(repeating: "x", count: 392) + " pb_live_key"
        let bodies = [
            #"{"message":"\#(long)","requestId":"pb_live_key"}"#, #"{"code":"pb_live_key","message":"no"}"#,
            #"{"error":"pb_live_key"}"#, "<title>pb_live_key</title>", "Cannot PUT /storage?sig=query",
        ]
        for body in bodies {
            let reply = ScriptedServer.Reply.text(401, body, headers: [("x-request-id", "for pb_live_key")])
            try await ScriptedServer.run(reply) { server in
                try await withTransfer { transfer in
                    let provider = kind.make(settings(server), transfer: transfer)
                    let errors = await errors(of: provider, sendingTo: server.url + "/storage?sig=query")

                    for error in errors {
                        #expect(error?.description.contains("sig=") != true)
                        // A storage should never have seen the key; one that shares logs with the API may quote it.
                        #expect(error?.description.contains("pb_") != true, "\(error?.description ?? "")")
                    }
                }
            }
        }
    }
}
