import Pipeline
import TestSupport
import Testing

@testable import Providers

/// What ``Transfer`` makes of all that goes wrong.
@Suite(.timeLimit(.minutes(5))) struct TransferFailureTests {
    @Test func `a reset in the middle of a body is transient`() async throws {
        let bytes = [UInt8](repeating: 7, count: 20 << 20)
        try await ScriptedServer.run(.reset(after: 300_000)) { server in
            let error = await failure { _ = try await put(stream(of: bytes), to: server) }

            #expect(error?.kind == .transient)
            #expect(error?.status == nil)
        }
    }

    @Test func `a body that ends early is an interrupted body`() async throws {
        let chunks = Counter()
        let body = ByteStream(length: 10) { chunks.add() == 1 ? Chunk([1, 2, 3]) : nil }
        try await ScriptedServer.run(.answer(200)) { server in
            let error = await failure { _ = try await put(body, to: server) }

            #expect(error?.kind == .interruptedBody)
            #expect(error?.reason == "the body ended after 3 of 10 bytes")
        }
    }

    @Test func `a body that is longer than it said is an interrupted body`() async throws {
        let body = ByteStream(length: 4) { Chunk([1, 2, 3]) }
        try await ScriptedServer.run(.answer(200)) { server in
            let error = await failure { _ = try await put(body, to: server) }

            #expect(error?.kind == .interruptedBody)
        }
    }

    @Test func `a body that cannot be read is an interrupted body`() async throws {
        struct DiskFailure: Error, CustomStringConvertible { let description = "input/output error" }
        let body = ByteStream(length: 4) { throw DiskFailure() }
        try await ScriptedServer.run(.answer(200)) { server in
            let error = await failure { _ = try await put(body, to: server) }

            #expect(error?.kind == .interruptedBody)
            #expect(error?.reason == "input/output error")
        }
    }

    @Test func `a storage that takes no more bytes is given up`() async throws {
        let bytes = [UInt8](repeating: 7, count: 40 << 20)
        try await ScriptedServer.run(.stopReading(after: 100_000)) { server in
            let error = await failure {
                _ = try await put(stream(of: bytes), to: server, patience: .milliseconds(300))
            }

            #expect(error?.kind == .transient)
            #expect(error?.reason.contains("did not move") == true)
        }
    }

    @Test func `a storage that takes the connection and reads nothing is given up`() async throws {
        try await SilentListener.run { listener in
            let error = try await withTransfer { transfer in
                let request = TransferRequest(
                    method: .put,
                    url: listener.url,
                    body: .stream(stream(of: [UInt8](repeating: 7, count: 40 << 20))),
                    patience: .milliseconds(300)
                )
                return await failure { _ = try await transfer.exchange(request) }
            }

            #expect(error?.kind == .transient)
            #expect(error?.reason == "\(URLText.host(listener.url)) did not move for 0.3 seconds")
        }
    }

    @Test func `a storage that answers by half and stops is given up`() async throws {
        try await ScriptedServer.run(.halfAnAnswer) { server in
            let error = await failure { _ = try await put(stream(of: [1]), to: server, patience: .milliseconds(300)) }

            #expect(error?.kind == .transient)
        }
    }

    @Test func `an API that takes the connection and says nothing is given up`() async throws {
        try await SilentListener.run { listener in
            let error = try await withTransfer { transfer in
                await failure {
                    _ = try await transfer.exchange(
                        TransferRequest(
                            method: .post,
                            url: listener.url,
                            body: .bytes([1]),
                            patience: .milliseconds(300)
                        )
                    )
                }
            }

            #expect(error?.kind == .transient)
        }
    }

    @Test(arguments: [SilentListener.Silence.handshake, .connection])
    func `a connection that never stands is given up after the time for one`(silence: SilentListener.Silence)
        async throws
    {
        try await SilentListener.run(silence) { listener in
            let url = listener.url.replacing("http:", with: silence == .handshake ? "https:" : "http:")
            // Were it not for the time for a connection, the suite's limit would end it.
            let error = try await withTransfer(connect: .milliseconds(300)) { transfer in
                await failure {
                    _ = try await transfer.exchange(TransferRequest(method: .get, url: url, patience: .seconds(600)))
                }
            }

            #expect(error?.kind == .unreachable)
            #expect(error?.reason == "no connection to \(URLText.host(url)) in time")
        }
    }

    @Test func `a storage that takes all bytes and never answers is given up`() async throws {
        try await ScriptedServer.run(.silence) { server in
            let error = await failure { _ = try await put(stream(of: [1]), to: server, patience: .milliseconds(200)) }

            #expect(error?.kind == .transient)
        }
    }

    @Test func `an upload that makes progress outlives the patience, and then none is the end`() async throws {
        let clock = ManualClock()
        let watch = ProgressWatch(patience: .seconds(5), clock: clock)
        let chunks = Counter()
        let body = ByteStream(length: 10) { chunks.add() <= 10 ? Chunk([7]) : nil }
        try await withTransfer { transfer in
            let pump = BodyPump(for: transfer.loop) { watch.restart() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await watch.waitForStall() }
                group.addTask { await pump.carry(body) }

                // As the client takes them, a chunk each 2.4 s. That one was taken is surely noted when the next one
                // comes.
                for try await _ in pump {
                    try await clock.sleepers(1)
                    clock.advance(by: .milliseconds(2400))
                }
                try await group.next()
                try await clock.sleepers(1)
                clock.advance(by: .seconds(5))
                let end = await group.nextResult()

                #expect(pump.taken == 10)
                #expect(throws: Stalled.self) { try end?.get() }
            }
        }
    }

    @Test func `a port that nobody listens on is unreachable at once, and says why`() async throws {
        try await ClosedPort.run { url in
            // Were it not at once, the suite's time limit would end it.
            let error = try await withTransfer(connect: .seconds(600)) { transfer in
                await failure {
                    _ = try await transfer.exchange(
                        TransferRequest(method: .get, url: url + "/?key=secret", patience: .seconds(600))
                    )
                }
            }

            #expect(error?.kind == .unreachable)
            #expect(error?.reason == "no connection to \(URLText.host(url)): connection refused")
        }
    }

    @Test func `a host that cannot do TLS is told as one`() async throws {
        try await ScriptedServer.run(.answer(200)) { server in
            let url = server.url.replacing("http:", with: "https:")
            let error = try await withTransfer { transfer in
                await failure {
                    _ = try await transfer.exchange(TransferRequest(method: .get, url: url, patience: .seconds(50)))
                }
            }

            #expect(error?.kind == .insecure)
            #expect(error?.reason == "\(URLText.host(url)) does not speak TLS on this port")
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `a host without an address is unreachable`() async throws {
        let error = try await withTransfer { transfer in
            await failure {
                _ = try await transfer.exchange(
                    TransferRequest(method: .get, url: "http://outtray.invalid/", patience: .seconds(50))
                )
            }
        }

        #expect(error?.kind == .unreachable)
        // Which of the two depends on whether the machine has a name server.
        let words = ["the name has no address", "the name cannot be looked up now"]
        #expect(words.map { "no connection to outtray.invalid: \($0)" }.contains(error?.reason ?? ""))
    }

    @Test func `what is no HTTP is an unexpected answer`() async throws {
        try await ScriptedServer.run(.garbage(Array("SSH-2.0-OpenSSH_9.2\r\n\r\n".utf8))) { server in
            let error = await failure { _ = try await put(stream(of: [1]), to: server) }

            #expect(error?.kind == .outOfOrder)
        }
    }

    @Test(arguments: [TransferRequest.Method.put, .get])
    func `a request that no client can make refuses a PUT's ticket, and tells no secret`(
        method: TransferRequest.Method
    ) async throws {
        try await ScriptedServer.run(.answer(200)) { server in
            try await withTransfer { transfer in
                for (url, header) in [
                    ("ftp://host/x?secret", HeaderField("a", "b")),
                    (server.url, HeaderField("x-amz-security-token", "secret\r\nc: d")),
                    (server.url, HeaderField("x secret", "a")),
                ] {
                    let request = TransferRequest(method: method, url: url, headers: [header], patience: .seconds(9))

                    let error = await failure { _ = try await transfer.exchange(request) }

                    #expect(error?.kind == (method == .put ? .refusedTicket : .unexpectedAnswer))
                    #expect(error?.reason.contains("secret") == false)
                }
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `an upload URL with headers that no storage takes is refused, and nothing is sent`() async throws {
        let huge = HeaderField("x-amz-meta-a", String(repeating: "a", count: 3 << 20))
        try await ScriptedServer.run(.answer(200)) { server in
            let error = await failure { _ = try await put(stream(of: [1, 2, 3]), to: server, headers: [huge]) }

            #expect(error?.kind == .refusedTicket)
            #expect(error?.reason.contains("aaa") == false)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `of a huge error body 64 KiB are read`() async throws {
        let page = Array("<html><title>Bad gateway</title>".utf8) + [UInt8](repeating: 0x20, count: 8 << 20)
        try await ScriptedServer.run(.answer(502, body: page)) { server in
            let answer = try await withTransfer { transfer in
                try await transfer.exchange(TransferRequest(method: .get, url: server.url, patience: .seconds(30)))
            }

            #expect(answer.status == 502)
            #expect(answer.body.count == 64 << 10)
            #expect(answer.body.starts(with: Array("<html>".utf8)))
        }
    }

    @Test func `an API answer that breaks off is given up after the time for an answer`() async throws {
        try await ScriptedServer.run(.halfAnAnswer) { server in
            let error = try await withTransfer { transfer in
                await failure {
                    _ = try await transfer.exchange(
                        TransferRequest(method: .get, url: server.url, patience: .milliseconds(300))
                    )
                }
            }

            #expect(error?.kind == .transient)
        }
    }

    @Test func `a cancelled exchange says so`() async throws {
        try await ScriptedServer.run(.silence) { server in
            let error = try await withThrowingTaskGroup(of: ProviderError?.self) { group in
                group.addTask { await failure { _ = try await put(stream(of: [1]), to: server) } }
                try await server.waitForRequests(1)
                group.cancelAll()
                return try await group.next() ?? nil
            }

            #expect(error?.kind == .cancelled)
        }
    }

    @Test func `an exchange whose body waits can be cancelled`() async throws {
        let body = ByteStream(length: 10) {
            try await Task.sleep(for: .seconds(3600))
            return nil
        }
        try await ScriptedServer.run(.silence) { server in
            let error = try await withThrowingTaskGroup(of: ProviderError?.self) { group in
                group.addTask { await failure { _ = try await put(body, to: server) } }
                try await server.waitForRequests(1)
                group.cancelAll()
                return try await group.next() ?? nil
            }

            #expect(error?.kind == .cancelled)
        }
    }
}
