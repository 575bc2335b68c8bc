import Pipeline
import TestSupport
import Testing

@testable import Providers

@Suite(.timeLimit(.minutes(5))) struct PostbreezeTests {
    private static let presign = #"""
        {"uploadUrl":"https://r2.example/key?X-Amz-Signature=secret","publicUrl":"https://cdn.example/key",
        "expiresAt":"2026-11-22T10:30:30.000Z","headers":{"Content-Type":"image/jpeg"},
        "mediaAsset":{"id":"med_1","kind":"IMAGE","mimeType":"image/jpeg","bytes":"5","normalizationStatus":"PENDING"}}
        """#

    private func ask(
        _ reply: ScriptedServer.Reply,
        file: MediaFile = sampleFile(),
        workspace: String? = nil,
        folder: String? = nil,
        check: (ScriptedServer, Result<Ticket, ProviderError>) throws -> Void
    ) async throws {
        try await ScriptedServer.run(reply) { server in
            try await withTransfer { transfer in
                var keys = MemoryKeys(["workspace_id": workspace, "folder_id": folder])
                let settings = Postbreeze.Settings(settings(server), from: &keys)
                let result: Result<Ticket, ProviderError>
                do throws(ProviderError) {
                    result = .success(try await Postbreeze(settings, transfer: transfer).ask(for: file))
                } catch {
                    result = .failure(error)
                }
                try check(server, result)
            }
        }
    }

    private func status(_ reply: ScriptedServer.Reply, id: String? = "med_1") async throws -> AssetStatus {
        try await ScriptedServer.run(reply) { server in
            try await withTransfer { transfer in
                let provider = ProviderKind.postbreeze.make(settings(server), transfer: transfer)
                return try await provider.status(of: Receipt(mediaID: id, status: .processing))
            }
        }
    }

    @Test func `an ask names file, type and size, and bears the key`() async throws {
        try await ask(.text(201, Self.presign)) { server, result in
            let request = try #require(server.requests.first)
            #expect(request.method == "POST")
            #expect(request.path == "/api/media/presign")
            #expect(request.query == nil)
            #expect(request.values(of: "authorization") == ["Bearer pb_live_key"])
            #expect(request.values(of: "content-type") == ["application/json"])
            #expect(
                String(decoding: request.body, as: UTF8.self)
                    == #"{"filename":"cat.jpg","contentType":"image/jpeg","bytes":5}"#
            )

            let ticket = try result.get()
            #expect(
                ticket.receipt == Receipt(mediaID: "med_1", publicURL: "https://cdn.example/key", status: .processing)
            )
            #expect(
                ticket.pieces == [
                    Piece(
                        index: 0,
                        range: 0..<5,
                        url: "https://r2.example/key?X-Amz-Signature=secret",
                        headers: [HeaderField("Content-Type", "image/jpeg")]
                    )
                ]
            )
            #expect(ticket.lifetime == 900)
            #expect(ticket.completion == nil)
        }
    }

    @Test func `workspace and folder go along when they are set`() async throws {
        try await ask(.text(201, Self.presign), workspace: "ws 1", folder: "f1") { server, _ in
            let request = try #require(server.requests.first)
            #expect(request.query == "workspaceId=ws%201")
            #expect(String(decoding: request.body, as: UTF8.self).hasSuffix(#""bytes":5,"folderId":"f1"}"#))
        }
    }

    @Test func `a name of more than 255 characters is cut before its ending`() async throws {
        let name = String(repeating: "n", count: 300) + ".jpg"

        #expect(Postbreeze.filename(name) == String(repeating: "n", count: 251) + ".jpg")
        #expect(Postbreeze.filename(String(repeating: "😀", count: 200) + ".jpg").utf16.count <= 255)
        #expect(Postbreeze.filename("short.jpg") == "short.jpg")
    }

    @Test func `an answer without a media asset has its public URL as the result`() async throws {
        let body = #"{"uploadUrl":"https://r2.example/key?s","publicUrl":"https://cdn.example/key","headers":null}"#
        try await ask(.text(200, body)) { _, result in
            let ticket = try result.get()
            #expect(ticket.receipt == Receipt(publicURL: "https://cdn.example/key", status: .unknown))
            #expect(ticket.pieces.first?.headers == [])
        }
    }

    @Test func `header values that are numbers go out as they came`() async throws {
        let body =
            #"{"uploadUrl":"https://r2/k?s","publicUrl":"https://c/k","headers":{"Content-Type":"image/jpeg","x-n":5}}"#
        try await ask(.text(201, body)) { _, result in
            let ticket = try result.get()
            #expect(ticket.pieces.first?.headers.last == HeaderField("x-n", "5"))
        }
    }

    @Test func `the life of the URL is told by the server's own clock`() async throws {
        let reply = ScriptedServer.Reply.text(201, Self.presign, headers: [("Date", "Sun, 22 Nov 2026 10:25:30 GMT")])
        try await ask(reply) { _, result in
            let ticket = try result.get()
            #expect(ticket.lifetime == 300)
        }
    }

    @Test(arguments: ["Sun, 22 Nov 2026 11:00:00 GMT", "Sun, 22 Nov 2020 11:00:00 GMT", "never"])
    func `a life that cannot be is the contract's`(date: String) async throws {
        try await ask(.text(201, Self.presign, headers: [("Date", date)])) { _, result in
            let ticket = try result.get()
            #expect(ticket.lifetime == 900)
        }
    }

    @Test(arguments: ["", "<html>maintenance</html>", "[]", "ok", "\u{1F}\u{8B}\u{8}\u{0}gzip"])
    func `an answer that is none of the API is the account's matter`(body: String) async throws {
        try await ask(.text(201, body)) { _, result in
            guard case .failure(let error) = result else {
                Issue.record("no error")
                return
            }
            #expect(error.kind == .outOfOrder)
            #expect(error.reason.hasPrefix("postbreeze answered 201 with "))
        }
    }

    @Test func `a compressed answer is asked not to come, and told by its name`() async throws {
        let reply = ScriptedServer.Reply.text(201, "garbage", headers: [("Content-Encoding", "gzip")])
        try await ask(reply) { server, result in
            guard case .failure(let error) = result else {
                Issue.record("no error")
                return
            }
            #expect(server.requests.map { $0.values(of: "accept-encoding") } == [["identity"]])
            #expect(error.kind == .outOfOrder)
            #expect(error.reason.contains("gzip") && !error.reason.contains("garbage"), "\(error.reason)")
        }
    }

    @Test(arguments: ["med_1\\nforged", "med_\\u202E1", "med\\u001b[2J"])
    func `an id or address that could forge a line is refused`(id: String) async throws {
        for body in [
            #"{"uploadUrl":"https://r2/k","mediaAsset":{"id":"\#(id)"}}"#,
            #"{"uploadUrl":"https://r2/k","publicUrl":"https://c/\#(id)"}"#,
        ] {
            try await ask(.text(201, body)) { _, result in
                guard case .failure(let error) = result else {
                    Issue.record("no error")
                    return
                }
                #expect(error.kind == .unexpectedAnswer)
                #expect(!error.reason.unicodeScalars.contains(where: PlainText.isHidden))
            }
        }
    }

    @Test(arguments: [
        "{}", #"{"publicUrl":"https://c/k"}"#, #"{"uploadUrl":"https://r2/k"}"#,
        #"{"uploadUrl":"/k","publicUrl":"https://c/k"}"#,
    ])
    func `an answer that gives nowhere to send is unexpected`(body: String) async throws {
        try await ask(.text(201, body)) { _, result in
            #expect(throws: ProviderError.self) { try result.get() }
            if case .failure(let error) = result { #expect(error.kind == .unexpectedAnswer) }
        }
    }

    @Test func `finishing needs no request`() async throws {
        try await ScriptedServer.run(.silence) { server in
            try await withTransfer { transfer in
                let receipt = Receipt(mediaID: "med_1", status: .ready)
                let ticket = Ticket(receipt: receipt, pieces: [])
                let provider = ProviderKind.postbreeze.make(settings(server), transfer: transfer)

                let finished = try await provider.finish(ticket, answers: [])
                #expect(finished == receipt)
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test(arguments: [
        ("PENDING", AssetStatus.processing), ("PROCESSING", .processing), ("DONE", .ready), ("skipped", .ready),
        ("FAILED", .failed), ("SOMETHING_NEW", .unknown),
    ])
    func `a media asset's status is read bare and wrapped`(word: String, expected: AssetStatus) async throws {
        let asset = #"{"id":"med_1","normalizationStatus":"\#(word)"}"#

        #expect(try await status(.text(200, asset)) == expected)
        #expect(try await status(.text(200, #"{"mediaAsset":\#(asset)}"#)) == expected)
    }

    @Test(arguments: [404, 405])
    func `where there is no such call the status is unknown`(code: Int) async throws {
        #expect(try await status(.text(code, "")) == .unknown)
        #expect(try await status(.text(code, #"{"message":"Cannot GET"}"#)) == .unknown)
        // What a proxy says is no word on the asset.
        let error = await failure { _ = try await status(.text(code, "<html>")) }
        #expect(error?.kind == .unexpectedAnswer)
    }

    @Test func `another asset's status is not this one's`() async throws {
        let error = await failure {
            _ = try await status(.text(200, #"{"id":"med_2","normalizationStatus":"DONE"}"#))
        }

        #expect(error?.kind == .unexpectedAnswer)
    }

    @Test func `without a media id the status is unknown, and not asked for`() async throws {
        #expect(try await status(.text(200, #"{"normalizationStatus":"DONE"}"#), id: nil) == .unknown)
    }

    @Test func `a server that quotes the key does not get it into an error`() async throws {
        try await ask(.text(401, #"{"message":"Unknown key pb_live_key"}"#)) { _, result in
            guard case .failure(let error) = result else {
                Issue.record("no error")
                return
            }
            #expect(error.kind == .refusedKey)
            #expect(error.reason == "postbreeze answered 401: Unknown key ••••")
        }
    }

    /// What a look finds: a presence, or the kind of an error.
    enum Found: Equatable {
        case presence(AssetPresence)
        case untold
        case error(ProviderError.Kind)
    }

    private func look(_ reply: ScriptedServer.Reply) async throws -> Found {
        try await ScriptedServer.run(reply) { server in
            try await withTransfer { transfer in
                let provider = ProviderKind.postbreeze.make(settings(server), transfer: transfer)
                do throws(ProviderError) {
                    let presence = try await provider.presence(of: Receipt(mediaID: "med_1", status: .ready))
                    if case .untold(let reason) = presence { return reason.isEmpty ? .presence(presence) : .untold }
                    return .presence(presence)
                } catch {
                    return .error(error.kind)
                }
            }
        }
    }

    /// A proxy, a missing route, another service and a failure say nothing of the asset.
    @Test(
        arguments: [
            (404, #"{"statusCode":404,"message":"Media asset not found","requestId":"r"}"#, .presence(.gone)),
            (410, #"{"statusCode":410,"message":"Gone","code":"DELETED","requestId":"r"}"#, .presence(.gone)),
            (404, #"{"statusCode":404,"message":"Media asset not found"}"#, .untold),
            (404, #"{"statusCode":403,"message":"Media asset not found","requestId":"r"}"#, .untold),
            (404, #"{"message":"Not Found","requestId":"r"}"#, .untold), (404, #"{"detail":"Not Found"}"#, .untold),
            (404, #"{"statusCode":404,"message":"No route GET /media/med_1","requestId":"r"}"#, .untold),
            (404, #"{"statusCode":404,"message":"Cannot GET /api/media/med_1","error":"Not Found"}"#, .untold),
            (404, "", .untold), (410, "", .untold), (404, "{}", .untold), (405, #"{"message":"no"}"#, .untold),
            (404, "<html><title>Not here</title></html>", .error(.unexpectedAnswer)),
            (410, "<html><title>Gone</title></html>", .error(.unexpectedAnswer)),
            (200, #"{"id":"med_1","normalizationStatus":"DONE"}"#, .presence(.there(.ready))),
            (200, #"{"mediaAsset":{"id":"med_1","normalizationStatus":"FAILED"}}"#, .presence(.there(.failed))),
            (200, #"{"id":"med_1"}"#, .presence(.there(.unknown))),
            (200, #"{"normalizationStatus":"SKIPPED"}"#, .presence(.there(.ready))),
            (200, #"{"error":"no such asset"}"#, .untold), (200, "{}", .untold),
            (200, #"{"success":false,"statusCode":404,"message":"Media asset not found"}"#, .error(.unexpectedAnswer)),
            (200, #"{"id":"med_2","normalizationStatus":"DONE"}"#, .error(.unexpectedAnswer)),
            (200, "<html><title>Log in</title></html>", .error(.outOfOrder)),
            (401, #"{"statusCode":401,"message":"Unauthorized"}"#, .error(.refusedKey)),
            (403, #"{"statusCode":403,"message":"Forbidden"}"#, .error(.refusedKey)),
            (500, #"{"statusCode":500,"message":"Internal server error"}"#, .error(.transient)),
            (503, "", .error(.transient)),
        ] as [(Int, String, Found)]
    )
    func `only the API's own word makes an asset gone`(status: Int, body: String, expected: Found) async throws {
        #expect(try await look(.text(status, body)) == expected)
    }

    @Test func `an asset that is gone is of no use to anybody, and a look that does not tell leaves it as it may be`()
        async throws
    {
        let answers = [
            #"{"statusCode":404,"message":"Media asset not found","requestId":"r"}"#: AssetStatus.failed,
            #"{"message":"Not Found"}"#: .unknown,
        ]
        for (body, expected) in answers {
            try await ScriptedServer.run(.text(404, body)) { server in
                try await withTransfer { transfer in
                    let provider = ProviderKind.postbreeze.make(settings(server), transfer: transfer)
                    let receipt = Receipt(mediaID: "med_1", status: .processing)
                    let status = try? await provider.status(of: receipt)
                    #expect(status == expected)
                }
            }
        }
    }
}
