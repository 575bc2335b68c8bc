import Pipeline
import Sandbox
import TestSupport
import Testing

@testable import Providers

/// What ``Provider`` promises, held against each provider and the sandbox's strict servers.
@Suite(.timeLimit(.minutes(5))) struct ProviderConformanceTests {
    @Test(arguments: ProviderKind.allCases, SampleFile.accepted.map(\.name))
    func `a file of each accepted type goes up byte for byte`(kind: ProviderKind, name: String) async throws {
        let sample = try #require(SampleFile.accepted.first { $0.name == name })
        try await ProviderAtSandbox.run(kind) { it in
            let file = it.file(sample)
            #expect(kind.traits.acceptedTypes.contains(file.mime))

            let receipt = try await it.upload(sample.bytes, as: file)

            try it.expect(sample.bytes, under: receipt)
            #expect(try await it.provider.status(of: receipt) == .ready)
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a large video goes up byte for byte, its pieces side by side and in any order`(kind: ProviderKind)
        async throws
    {
        let bytes = sampleBytes(9_000_001)
        try await ProviderAtSandbox.run(kind) { it in
            let file = it.video(size: Int64(bytes.count))
            let ticket = try await it.provider.ask(for: file)
            let answers = try await withThrowingTaskGroup(of: PieceAnswer.self) { group in
                for piece in ticket.pieces.reversed() {
                    group.addTask { try await it.send(piece, of: file, bytes) }
                }
                return try await group.reduce(into: [PieceAnswer]()) { $0.append($1) }.sorted { $0.index < $1.index }
            }
            let receipt = try await it.provider.finish(ticket, answers: answers)

            #expect(ticket.pieces.count == (kind == .connectsafely ? 3 : 1))
            try it.expect(bytes, under: receipt)
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a ticket that was written down and read again is as good`(kind: ProviderKind) async throws {
        let bytes = sampleBytes(5_000_000)
        try await ProviderAtSandbox.run(kind) { it in
            let file = it.video(size: Int64(bytes.count))
            let ticket = try written(try await it.provider.ask(for: file))
            var answers: [PieceAnswer] = []
            for piece in ticket.pieces { answers.append(try written(try await it.send(piece, of: file, bytes))) }

            try it.expect(bytes, under: try await it.provider.finish(ticket, answers: answers))
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `finishing may be repeated after a lost answer`(kind: ProviderKind) async throws {
        let bytes = sampleBytes(5_000_000)
        try await ProviderAtSandbox.run(kind) { it in
            let file = it.video(size: Int64(bytes.count))
            let ticket = try await it.provider.ask(for: file)
            var answers: [PieceAnswer] = []
            for piece in ticket.pieces { answers.append(try await it.send(piece, of: file, bytes)) }
            it.sandbox.weather.loseAnswerEveryNthCall = 1
            let lost = await failure { _ = try await it.provider.finish(ticket, answers: answers) }
            it.sandbox.weather = Weather()
            let receipt = try await it.provider.finish(ticket, answers: answers)

            #expect(lost?.kind == (ticket.completion == nil ? nil : .transient))
            try it.expect(bytes, under: receipt)
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a piece may be sent again under the same ticket`(kind: ProviderKind) async throws {
        try await ProviderAtSandbox.run(kind) { it in
            let sample = SampleFile.jpeg
            let file = it.file(sample)
            let ticket = try await it.provider.ask(for: file)
            it.sandbox.weather.failEveryNthPut = 1
            let error = await failure { _ = try await it.send(ticket.pieces[0], of: file, sample.bytes) }
            it.sandbox.weather = Weather()
            let answer = try await it.send(ticket.pieces[0], of: file, sample.bytes)

            #expect(error?.kind == .transient)
            #expect(error?.status.map { $0 >= 500 } == true)
            try it.expect(sample.bytes, under: try await it.provider.finish(ticket, answers: [answer]))
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a wrong key is a refused key, and stays out of the error`(kind: ProviderKind) async throws {
        try await ProviderAtSandbox.run(kind, key: "pb_live_wrong") { it in
            let error = await failure { _ = try await it.provider.ask(for: it.file(.jpeg)) }

            #expect(error?.kind == .refusedKey)
            #expect(error?.status == 401)
            #expect(error?.reason.contains("pb_live_wrong") == false)
            #expect(it.sandbox.books.page.assets.isEmpty)
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `an expired URL is an expired ticket, and stays out of the error`(kind: ProviderKind) async throws {
        try await ProviderAtSandbox.run(kind) { it in
            it.sandbox.weather.urlLifetime = .zero
            let file = it.file(.png)
            let ticket = try await it.provider.ask(for: file)
            let error = await failure { _ = try await it.send(ticket.pieces[0], of: file, SampleFile.png.bytes) }

            #expect(error?.kind == .expiredTicket)
            #expect(error?.reason.contains("?") == false)
            #expect(it.sandbox.books.page.puts.allSatisfy { !$0.stored })
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a URL that was altered is a refused ticket`(kind: ProviderKind) async throws {
        try await ProviderAtSandbox.run(kind) { it in
            let file = it.file(.png)
            let piece = try await it.provider.ask(for: file).pieces[0]
            let headers = piece.headers.map { HeaderField($0.name, "text/plain") }
            // Where no header is signed, the signature itself is altered.
            let url = headers.isEmpty ? String(piece.url.dropLast(4)) + "0000" : piece.url
            let altered = Piece(index: 0, range: piece.range, url: url, headers: headers)
            let error = await failure { _ = try await it.send(altered, of: file, SampleFile.png.bytes) }

            #expect(error?.kind == .refusedTicket)
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a file over the cap is refused with the server's own words`(kind: ProviderKind) async throws {
        try await ProviderAtSandbox.run(kind) { it in
            let file = it.file(.pdf, size: 200_000_000)
            let error = await failure { _ = try await it.provider.ask(for: file) }

            #expect(error?.kind == .refusedFile)
            #expect(error?.status.map { [400, 413, 422].contains($0) } == true)
            #expect(error?.reason.contains("100000000") == true)
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `an API that has had enough is throttled, for as long as it says`(kind: ProviderKind) async throws {
        try await ProviderAtSandbox.run(kind) { it in
            it.sandbox.weather.tooManyRequestsAfter = 0
            let error = await failure { _ = try await it.provider.ask(for: it.file(.jpeg)) }

            guard case .throttled(let wait?) = error?.kind else {
                Issue.record("expected a wait, got \(String(describing: error))")
                return
            }
            #expect(wait > .zero)
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a reset in the middle of a body is transient`(kind: ProviderKind) async throws {
        let bytes = sampleBytes(4_000_000)
        try await ProviderAtSandbox.run(kind) { it in
            it.sandbox.weather.resetMidBodyEveryNthPut = 1
            let file = it.video(size: Int64(bytes.count))
            let ticket = try await it.provider.ask(for: file)
            let error = await failure { _ = try await it.send(ticket.pieces[0], of: file, bytes) }

            #expect(error?.kind == .transient)
            #expect(it.sandbox.books.page.assets.allSatisfy { !$0.isComplete })
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `an answer that is lost is transient`(kind: ProviderKind) async throws {
        try await ProviderAtSandbox.run(kind) { it in
            it.sandbox.weather.loseAnswerEveryNthCall = 1
            let error = await failure { _ = try await it.provider.ask(for: it.file(.jpeg)) }

            #expect(error?.kind == .transient)
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `an answer that takes too long is transient`(kind: ProviderKind) async throws {
        let timeouts = TransferTimeouts(answer: .milliseconds(200))
        try await ProviderAtSandbox.run(kind, timeouts: timeouts) { it in
            it.sandbox.weather.latency = .seconds(600)
            let error = await failure { _ = try await it.provider.ask(for: it.file(.jpeg)) }

            #expect(error?.kind == .transient)
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a body that ends early is interrupted, and nothing is stored`(kind: ProviderKind) async throws {
        try await ProviderAtSandbox.run(kind) { it in
            let file = it.file(.jpeg)
            let ticket = try await it.provider.ask(for: file)
            let half = stream(of: Array(SampleFile.jpeg.bytes.dropLast(10)))
            let iterator = Counter()
            let body = ByteStream(length: file.size) {
                guard iterator.add() == 1 else { return nil }
                return try await half.first { _ in true }
            }
            let error = await failure { _ = try await it.provider.send(ticket.pieces[0], of: file, body: body) }

            #expect(error?.kind == .interruptedBody)
            #expect(it.sandbox.books.page.assets.allSatisfy { !$0.isComplete })
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a port that nobody listens on is unreachable`(kind: ProviderKind) async throws {
        try await ClosedPort.run { url in
            let error = try await withTransfer { transfer in
                let provider = kind.make(ConnectionSettings(baseURL: url, key: Secret("k")), transfer: transfer)
                return await failure { _ = try await provider.ask(for: sampleFile()) }
            }

            #expect(error?.kind == .unreachable)
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a cancelled step says so`(kind: ProviderKind) async throws {
        try await ScriptedServer.run(.silence) { server in
            try await withTransfer { transfer in
                let provider = kind.make(settings(server), transfer: transfer)
                let error = try await withThrowingTaskGroup(of: ProviderError?.self) { group in
                    group.addTask { await failure { _ = try await provider.ask(for: sampleFile()) } }
                    try await server.waitForRequests(1)
                    group.cancelAll()
                    return try await group.next() ?? nil
                }

                #expect(error?.kind == .cancelled)
            }
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `the key goes to the API alone, and never with a piece`(kind: ProviderKind) async throws {
        try await ScriptedServer.run(.answer(200, headers: [("ETag", "\"1\"")])) { storage in
            let answer = """
                {"uploadUrl":"\(storage.url)/k?sig=1","publicUrl":"\(storage.url)/k","assetUrn":"urn:li:x:1","headers":
                {"Authorization":"Bearer k"},"uploadHeaders":{"authorization":"Bearer k"}}
                """
            try await ScriptedServer.run(.text(200, answer)) { api in
                try await withTransfer { transfer in
                    let provider = kind.make(settings(api), transfer: transfer)
                    let ticket = try await provider.ask(for: sampleFile())
                    _ = try await provider.send(ticket.pieces[0], of: sampleFile(), body: stream(of: sampleBytes(5)))
                }

                #expect(api.requests.map { $0.values(of: "authorization") } == [["Bearer pb_live_key"]])
                #expect(storage.requests.count == 1)
                #expect(storage.requests.allSatisfy { $0.values(of: "authorization").isEmpty })
                #expect(storage.requests.allSatisfy { !"\($0)".contains("pb_live_key") })
            }
        }
    }

    @Test(arguments: ProviderKind.allCases, [0, 1, 2])
    func `a failure under a 200, a page of HTML and an empty answer are errors`(kind: ProviderKind, shape: Int)
        async throws
    {
        let body = [#"{"success":false,"error":"Not today"}"#, "<html><title>Maintenance</title></html>", ""][shape]
        try await ScriptedServer.run(.text(200, body)) { api in
            try await withTransfer { transfer in
                let provider = kind.make(settings(api), transfer: transfer)
                let error = await failure { _ = try await provider.ask(for: sampleFile()) }

                #expect(error?.kind == (shape == 0 ? .unexpectedAnswer : .outOfOrder))
                #expect(error?.status == 200)
            }
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a probe tells the server's clock, and creates nothing`(kind: ProviderKind) async throws {
        // The server makes the header's text at its start, and anew once a second.
        let before = Timestamp.now()
        try await ProviderAtSandbox.run(kind) { it in
            let probe = try await it.provider.probe()

            let page = it.sandbox.books.page
            #expect(page.assets.isEmpty && page.calls.count == 1 && page.calls.first?.route.hasPrefix("GET ") == true)
            let date = try #require(probe.date)
            // The header has whole seconds.
            #expect(date.milliseconds >= before.milliseconds - 1000 && date <= .now())
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a probe with a wrong key is a refused key`(kind: ProviderKind) async throws {
        try await ProviderAtSandbox.run(kind, key: "pb_live_wrong") { it in
            let error = await failure { _ = try await it.provider.probe() }

            #expect(error?.kind == .refusedKey)
            #expect(error?.reason.contains("pb_live_wrong") == false)
        }
    }

    /// What the API answers in its own form counts. A page, or an answer of another service, does not.
    @Test(
        arguments: ProviderKind.allCases,
        [
            (404, #"{"error":"no such asset"}"#, nil), (405, #"{"message":"no"}"#, nil),
            (422, #"{"success":false,"error":"odd id"}"#, nil), (200, #"{"success":false,"error":"odd id"}"#, nil),
            (200, #"{"id":"1"}"#, nil), (404, "", nil), (200, "", .outOfOrder),
            (200, #"{"success":false,"statusCode":401,"message":"no key"}"#, .refusedKey),
            (404, "<html><title>Not here</title></html>", .outOfOrder),
            (200, "<html><title>Log in</title></html>", .outOfOrder), (503, #"{"error":"busy"}"#, .transient),
            (403, #"{"error":"no"}"#, .refusedKey), (402, #"{"error":"pay"}"#, .quota),
        ] as [(Int, String, ProviderError.Kind?)]
    )
    func `a probe takes the API's own answers, and no others`(
        kind: ProviderKind,
        answer: (status: Int, body: String, error: ProviderError.Kind?)
    ) async throws {
        try await ScriptedServer.run(.text(answer.status, answer.body)) { api in
            try await withTransfer { transfer in
                let provider = kind.make(settings(api), transfer: transfer)
                let error = await failure { _ = try await provider.probe() }

                #expect(error?.kind == answer.error)
                #expect(api.requests.count == 1)
            }
        }
    }

    @Test(
        arguments: ProviderKind.allCases,
        [
            (#"{"statusCode":404,"message":"no such asset"}"#, true), (#"{"success":false,"error":"no asset"}"#, true),
            ("", false), (#"{"error":"Not found"}"#, false),
        ]
    )
    func `a probe tells a 404 of the API from one that any server may give`(
        kind: ProviderKind,
        answer: (body: String, isOfAPI: Bool)
    ) async throws {
        try await ScriptedServer.run(.text(404, answer.body)) { api in
            try await withTransfer { transfer in
                let probe = try await kind.make(settings(api), transfer: transfer).probe()

                #expect(probe.isOfAPI == answer.isOfAPI)
            }
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a probe at an address without the API's path is an error`(kind: ProviderKind) async throws {
        let path = kind == .postbreeze ? "/media/outtray-check" : "/posts/upload/document-status"
        let body = #"{"statusCode":404,"message":"Cannot GET \#(path)","requestId":"r"}"#
        try await ScriptedServer.run(.text(404, body)) { api in
            try await withTransfer { transfer in
                let error = await failure {
                    _ = try await kind.make(settings(api), transfer: transfer).probe()
                }

                #expect(error?.status == 404 && error?.reason.contains("Cannot GET") == true)
            }
        }
    }

    /// A provider without such a call says so, and makes none.
    @Test(arguments: ProviderKind.allCases)
    func `an asset that was removed is gone, and one that is there is there`(kind: ProviderKind) async throws {
        try await ProviderAtSandbox.run(kind) { it in
            let file = it.file(.jpeg)
            let receipt = try await it.upload(SampleFile.jpeg.bytes, as: file)
            let calls = it.sandbox.books.page.calls.count
            guard it.provider.hindrance(toLookFor: receipt) == nil else {
                guard case .untold = try await it.provider.presence(of: receipt) else {
                    Issue.record("it has told without a call")
                    return
                }
                #expect(it.sandbox.books.page.calls.count == calls)
                return
            }

            let before = try await it.provider.presence(of: receipt)
            #expect(it.sandbox.remove(asset: try #require(receipt.id)))
            let after = try await it.provider.presence(of: receipt)

            #expect(before == .there(.ready) && after == .gone)
            let page = it.sandbox.books.page
            #expect(page.calls.count == calls + 2 && page.assets.count == 1)
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `a file goes to the provider's folder that its own folder names, where there are such`(
        kind: ProviderKind
    ) async throws {
        try await ProviderAtSandbox.run(kind) { it in
            var file = it.file(.jpeg)
            file.library = "fld_launch"

            let receipt = try await it.upload(SampleFile.jpeg.bytes, as: file)

            try it.expect(SampleFile.jpeg.bytes, under: receipt)
            let hasFolders = kind.traits.longestLibrary != nil
            #expect(it.sandbox.books.page.assets.first?.folderId == (hasFolders ? "fld_launch" : nil))
        }
    }

    @Test func `only a provider that has such a call is asked for an asset`() async throws {
        for kind in ProviderKind.allCases {
            try await withTransfer { transfer in
                let connection = ConnectionSettings(baseURL: "http://127.0.0.1:9", key: Secret("k"))
                let provider = kind.make(connection, transfer: transfer)
                let receipt = Receipt(assetURN: "urn:li:a", mediaID: "med_1", status: .ready)
                #expect((provider.hindrance(toLookFor: receipt) == nil) == (kind == .postbreeze))
                #expect(provider.hindrance(toLookFor: Receipt(publicURL: "https://x/1", status: .ready)) != nil)
            }
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func `the traits name the provider and where it is`(kind: ProviderKind) async throws {
        let traits = kind.traits

        #expect(traits.name == kind.rawValue)
        #expect(traits.baseURL.hasPrefix("https://"))
        #expect(traits.limits[.document] == ByteCount(100_000_000))
        #expect(traits.rate.contains(CallRate(calls: 60, window: .seconds(60))))
        #expect(traits.writeRate == (kind == .connectsafely ? [CallRate(calls: 15, window: .seconds(60))] : []))
    }
}
