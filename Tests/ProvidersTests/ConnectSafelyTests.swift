import Pipeline
import TestSupport
import Testing

@testable import Providers

@Suite(.timeLimit(.minutes(5))) struct ConnectSafelyTests {
    private func provider(_ server: ScriptedServer, _ transfer: Transfer, company: String? = nil) -> ConnectSafely {
        var keys = MemoryKeys(["account_id": "acc1", "company_urn": company])
        return ConnectSafely(ConnectSafely.Settings(settings(server), from: &keys), transfer: transfer)
    }

    private func status(_ reply: ScriptedServer.Reply) async throws -> AssetStatus {
        try await ScriptedServer.run(reply) { server in
            try await withTransfer { transfer in
                let receipt = Receipt(assetURN: "urn:li:x:1", status: .processing)
                return try await provider(server, transfer).status(of: receipt)
            }
        }
    }

    @Test func `an ask names kind, size, name, account and company`() async throws {
        let body = #"{"success":true,"uploadType":"SINGLE","assetUrn":"urn:li:x:1","uploadUrl":"https://s/u?k"}"#
        try await ScriptedServer.run(.text(200, body)) { server in
            try await withTransfer { transfer in
                let ticket = try await provider(server, transfer, company: "urn:li:c:2").ask(
                    for: sampleFile(kind: .gif)
                )

                let request = try #require(server.requests.first)
                #expect(request.path == "/api/posts/upload/init")
                let expected =
                    #"{"mediaType":"image","fileSize":5,"filename":"cat.jpg","accountId":"acc1","companyUrn":"urn:li:c:2"}"#
                #expect(String(decoding: request.body, as: UTF8.self) == expected)
                #expect(ticket.receipt == Receipt(assetURN: "urn:li:x:1", status: .ready))
                #expect(ticket.lifetime == nil)
                #expect(ticket.completion == nil)
            }
        }
    }

    @Test func `a whole file goes as its type where the headers have none`() async throws {
        try await ScriptedServer.run(.answer(201)) { server in
            try await withTransfer { transfer in
                let provider = provider(server, transfer)
                for headers in [[], [HeaderField("content-type", "a/b")]] {
                    let piece = Piece(index: 0, range: 0..<5, url: server.url, headers: headers)
                    _ = try await provider.send(piece, of: sampleFile(), body: stream(of: sampleBytes(5)))
                }
            }

            #expect(server.requests.map { $0.values(of: "content-type") } == [["image/jpeg"], ["a/b"]])
        }
    }

    @Test func `finishing echoes what came, and every part's true answer`() async throws {
        let completion = Completion(artifactURN: "urn:li:art:1", metadata: parsed(#"{"b":1.0,"a":null}"#))
        let ticket = Ticket(
            receipt: Receipt(assetURN: "urn:li:x:1", recipes: ["r"], status: .ready),
            pieces: [],
            completion: completion.text
        )
        let answers = [
            PieceAnswer(
                index: 0,
                status: 200,
                headers: [HeaderField("etag", "\"a\""), HeaderField("x", "1"), HeaderField("x", "2")]
            ),
            PieceAnswer(index: 1, status: 201, headers: [HeaderField("location", "/a/b")]),
        ]
        try await ScriptedServer.run(.text(200, #"{"success":true}"#)) { server in
            try await withTransfer { transfer in
                let finished = try await provider(server, transfer).finish(ticket, answers: answers)
                #expect(finished == ticket.receipt)
            }
            let request = try #require(server.requests.first)
            #expect(request.path == "/api/posts/upload/complete")
            let expected =
                #"{"accountId":"acc1","mediaArtifactUrn":"urn:li:art:1","multipartMetadata":{"b":1.0,"a":null},"#
                + #""partUploadResponses":[{"httpStatusCode":200,"headers":{"etag":"\"a\"","x":"1, 2"}},"#
                + #"{"httpStatusCode":201,"headers":{"location":"/a/b"}}]}"#
            #expect(String(decoding: request.body, as: UTF8.self) == expected)
        }
    }

    @Test func `a completion that fails under a 200 refuses the ticket`() async throws {
        let ticket = Ticket(
            receipt: Receipt(status: .ready),
            pieces: [],
            completion: Completion(artifactURN: "a", metadata: nil).text
        )
        try await ScriptedServer.run(.text(200, #"{"success":false,"error":"Parts are missing"}"#)) { server in
            try await withTransfer { transfer in
                let error = await failure { _ = try await provider(server, transfer).finish(ticket, answers: []) }

                #expect(error?.kind == .refusedTicket)
                #expect(error?.reason == "connectsafely answered 200: Parts are missing")
            }
        }
    }

    @Test(arguments: [
        (200, "<html>captive portal</html>", ProviderError.Kind.outOfOrder), (401, "", .refusedKey),
        (404, #"{"error":"Unknown upload"}"#, .refusedTicket), (429, "", .throttled(nil)), (502, "", .transient),
        (200, #"{"success":false,"statusCode":401,"message":"Bad key"}"#, .refusedKey),
        (200, #"{"success":false,"statusCode":429,"retryAfterMs":70}"#, .throttled(.milliseconds(70))),
        (400, #"{"code":"STORAGE_LIMIT","message":"Full"}"#, .quota),
        (422, #"{"success":false,"error":{"name":"ZodError","issues":[]}}"#, .refusedTicket),
        // What says success is up for good: nothing less than the contract's own word does.
        (200, "", .outOfOrder), (204, "", .outOfOrder), (200, "[true]", .outOfOrder), (200, "{}", .unexpectedAnswer),
        (201, #"{"status":"ok"}"#, .unexpectedAnswer), (400, "<html>400 Bad Request</html>", .outOfOrder),
        (404, "404 page not found", .outOfOrder),
    ])
    func `a completion that was not judged leaves the ticket as it is`(
        status: Int,
        body: String,
        kind: ProviderError.Kind
    ) async throws {
        let ticket = Ticket(
            receipt: Receipt(status: .ready),
            pieces: [],
            completion: Completion(artifactURN: "a", metadata: nil).text
        )
        try await ScriptedServer.run(.text(status, body)) { server in
            try await withTransfer { transfer in
                let error = await failure { _ = try await provider(server, transfer).finish(ticket, answers: []) }

                #expect(error?.kind == kind)
            }
        }
    }

    @Test func `an upload in one piece is finished without a request`() async throws {
        try await ScriptedServer.run(.silence) { server in
            try await withTransfer { transfer in
                let ticket = Ticket(receipt: Receipt(assetURN: "u", status: .ready), pieces: [])

                let finished = try await provider(server, transfer).finish(ticket, answers: [])
                #expect(finished == ticket.receipt)
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test func `a document's status is asked for by its URN and account`() async throws {
        try await ScriptedServer.run(.text(200, #"{"success":true,"status":"PROCESSING","ready":false}"#)) { server in
            try await withTransfer { transfer in
                let receipt = Receipt(assetURN: "urn:li:x:1", status: .processing)
                let status = try await provider(server, transfer).status(of: receipt)
                #expect(status == .processing)
            }
            #expect(server.requests.first?.path == "/api/posts/upload/document-status")
            #expect(server.requests.first?.query == "assetUrn=urn%3Ali%3Ax%3A1&accountId=acc1")
        }
    }

    @Test(arguments: [
        (#"{"success":true,"status":"ready"}"#, AssetStatus.ready),
        (#"{"success":true,"status":"SOMETHING_NEW","ready":true}"#, .ready),
        (#"{"ready":"true"}"#, .ready),
        (#"{"success":true,"status":"FAILED","ready":false}"#, .failed),
        (#"{"success":false,"status":"PROCESSING_FAILED"}"#, .failed),
        (#"{"success":true,"status":"WAITING_UPLOAD"}"#, .processing),
        (#"{"success":true}"#, .processing),
    ])
    func `a document is ready, failed or under way`(body: String, expected: AssetStatus) async throws {
        #expect(try await status(.text(200, body)) == expected)
    }

    @Test(arguments: ["<html>ready</html>", "ready", #""READY""#, #"[{"ready":true}]"#, ""])
    func `what is no answer of the API makes nothing ready`(body: String) async throws {
        let error = await failure { _ = try await status(.text(200, body)) }

        #expect(error?.kind == .outOfOrder)
    }

    @Test func `a status that fails under a 200 is a failure`() async throws {
        let error = await failure { _ = try await status(.text(200, #"{"success":false,"error":"No","ready":true}"#)) }

        #expect(error?.kind == .unexpectedAnswer)
    }

    @Test func `what is ready is not asked for`() async throws {
        try await ScriptedServer.run(.silence) { server in
            try await withTransfer { transfer in
                let receipt = Receipt(assetURN: "u", status: .ready)
                let status = try await provider(server, transfer).status(of: receipt)
                #expect(status == .ready)
                #expect(server.requests.isEmpty)
            }
        }
    }
}
