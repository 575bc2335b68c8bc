import Pipeline
import TestSupport
import Testing
import Threads

@testable import Providers

@Suite(.timeLimit(.minutes(5))) struct TransferTests {
    @Test func `a body goes out byte for byte with its length and never in chunks`() async throws {
        let bytes = sampleBytes(1_000_000)
        try await ScriptedServer.run(.answer(200)) { server in
            _ = try await put(stream(of: bytes, chunk: 70_000), to: server)

            let request = try #require(server.requests.first)
            #expect(request.method == "PUT")
            #expect(request.path == "/bucket/key")
            #expect(request.query == "X-Amz-Signature=secret")
            #expect(request.body == bytes)
            #expect(request.values(of: "content-length") == ["1000000"])
            #expect(request.values(of: "transfer-encoding").isEmpty)
        }
    }

    @Test func `a PUT has its given headers, host and length, and nothing else`() async throws {
        let given = [HeaderField("content-TYPE", "image/png"), HeaderField("x-amz-meta-a", "1; b=2")]
        try await ScriptedServer.run(.answer(200)) { server in
            _ = try await put(stream(of: [1, 2, 3]), to: server, headers: given)

            let request = try #require(server.requests.first)
            #expect(
                Set(request.headers.map { $0.name.lowercased() }) == [
                    "host", "content-length", "content-type", "x-amz-meta-a",
                ]
            )
            #expect(request.headers.contains { $0.name == "content-TYPE" && $0.value == "image/png" })
            #expect(request.values(of: "x-amz-meta-a") == ["1; b=2"])
        }
    }

    @Test func `a PUT without a given content type gets the fallback, and never two`() async throws {
        let twice = [HeaderField("Content-Type", "a/b"), HeaderField("content-type", "c/d")]
        try await ScriptedServer.run(.answer(200)) { server in
            _ = try await put(stream(of: [1]), to: server)
            _ = try await put(stream(of: [1]), to: server, headers: twice)

            #expect(server.requests.map { $0.values(of: "content-type") } == [["image/jpeg"], ["a/b"]])
        }
    }

    @Test func `a given Authorization never goes to the storage`() async throws {
        let given = [HeaderField("authorization", "Bearer pb_live_key"), HeaderField("Content-Length", "99")]
        try await ScriptedServer.run(.answer(200)) { server in
            _ = try await put(stream(of: [1]), to: server, headers: given)

            let request = try #require(server.requests.first)
            #expect(request.values(of: "authorization").isEmpty)
            #expect(request.values(of: "content-length") == ["1"])
        }
    }

    @Test func `the answer to a piece has its true status and all headers in lower case`() async throws {
        let reply = ScriptedServer.Reply.answer(201, headers: [("ETag", "\"a/b\""), ("Location", "/x"), ("X-N", "1")])
        try await ScriptedServer.run(reply) { server in
            let answer = try await put(stream(of: [1]), to: server)

            #expect(answer.status == 201)
            let expected = [HeaderField("etag", "\"a/b\""), HeaderField("location", "/x"), HeaderField("x-n", "1")]
            #expect(expected.allSatisfy(answer.headers.contains))
        }
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `a redirect of a PUT is not followed`(status: Int) async throws {
        try await ScriptedServer.run(.answer(200)) { target in
            try await ScriptedServer.run(.answer(status, headers: [("Location", target.url + "/elsewhere?key=1")])) {
                server in
                let error = await failure { _ = try await put(stream(of: [1, 2]), to: server) }

                #expect(error?.kind == .outOfOrder)
                #expect(error?.status == status)
                #expect(target.requests.isEmpty)
            }
        }
    }

    @Test(arguments: [false, true])
    func `a refusal while the body is still going out is the answer`(closes: Bool) async throws {
        let xml = Array("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>".utf8)
        let bytes = [UInt8](repeating: 7, count: 40 << 20)
        try await ScriptedServer.run(.early(403, after: 100_000, body: xml, closes: closes)) { server in
            let error = await failure { _ = try await put(stream(of: bytes), to: server) }

            #expect(error?.kind == .expiredTicket)
            #expect(error?.status == 403)
        }
    }

    @Test func `a success before all bytes are there is none`() async throws {
        let bytes = [UInt8](repeating: 7, count: 40 << 20)
        try await ScriptedServer.run(.early(200, after: 100_000, closes: true)) { server in
            let error = await failure { _ = try await put(stream(of: bytes), to: server) }

            #expect(error?.kind == .transient)
        }
    }

    @Test func `no byte is read any more once the call has returned`() async throws {
        let bytes = sampleBytes(256 << 10)
        let reading = Mutex(0)
        let returned = Mutex(false)
        let late = Counter()
        let body = ByteStream(length: 1 << 40) {
            reading.withLock { $0 += 1 }
            if returned.withLock({ $0 }) { late.add() }
            for _ in 0..<50 { await Task.yield() }
            if returned.withLock({ $0 }) { late.add() }
            reading.withLock { $0 -= 1 }
            return Chunk(bytes)
        }
        try await ScriptedServer.run(.early(403, after: 1_000_000, closes: true)) { server in
            try await withTransfer { transfer in
                let piece = Piece(index: 0, range: 0..<(1 << 40), url: server.url + "/k", headers: [])
                _ = await failure {
                    _ = try await transfer.put(
                        piece,
                        body: body,
                        under: settings(server),
                        proof: .entityTag,
                        fallbackType: .jpeg
                    )
                }
                returned.withLock { $0 = true }

                #expect(reading.withLock { $0 } == 0)
            }
        }
        #expect(late.value == 0)
    }

    @Test func `twelve pieces go to one host at once`() async throws {
        let gate = Counter()
        try await ScriptedServer.run(.answer(200)) { server in
            try await withTransfer { transfer in
                try await withThrowingTaskGroup { group in
                    for index in 0..<12 {
                        group.addTask {
                            // No body ends before all twelve connections have sent their heads.
                            let body = ByteStream(length: 1) {
                                guard gate.add() <= 12 else { return nil }
                                try await server.waitForRequests(12)
                                return Chunk([1])
                            }
                            let piece = Piece(index: index, range: 0..<1, url: server.url + "/\(index)", headers: [])
                            _ = try await transfer.put(
                                piece,
                                body: body,
                                under: settings(server, progress: .seconds(50)),
                                proof: .entityTagOrLocationOrNothing,
                                fallbackType: .jpeg
                            )
                        }
                    }
                    try await group.waitForAll()
                }
            }

            #expect(server.requests.count == 12)
        }
    }
}
