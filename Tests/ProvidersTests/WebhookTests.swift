import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import Providers

@Suite(.timeLimit(.minutes(5))) struct WebhookTests {
    private let event = HookEvent(
        id: 1,
        key: "00ff",
        hook: "notify",
        trigger: .uploaded,
        path: "/in/a.jpg",
        facts: #"{"path":"/in/a.jpg","mediaId":"m1"}"#,
        recordedAt: Timestamp(milliseconds: 0),
        attempts: 2
    )

    private func call(
        _ url: String,
        allowsPrivate: Bool = true,
        addresses: [String: String] = [:],
        limit: Duration = .seconds(20),
        secret: @escaping @Sendable () async throws -> Secret? = { nil }
    ) async -> HookOutcome {
        let transfer = Transfer(addresses: addresses)
        let webhook = Webhook(url: url, allowsPrivate: allowsPrivate, transfer: transfer, secret: secret)
        let outcome = await webhook.run(event, within: limit)
        await transfer.shutdown()
        return outcome
    }

    private func failure(_ outcome: HookOutcome) -> HookFailure? {
        if case .failed(let failure) = outcome { failure } else { nil }
    }

    @Test func `an event is one signed POST`() async throws {
        try await ScriptedServer.run(.answer(204)) { server in
            let outcome = await call("\(server.url)/h?token=x") { Secret("s3cret") }

            #expect(outcome == .delivered)
            let request = try #require(server.requests.first)
            #expect(server.requests.count == 1 && request.method == "POST" && request.path == "/h")
            #expect(request.query == "token=x" && request.body == event.body)
            #expect(request.values(of: "Outtray-Signature") == [HookSignature.of(event.body, secret: "s3cret")])
            #expect(request.values(of: "Outtray-Delivery") == ["00ff"])
            #expect(request.values(of: "Outtray-Event") == ["uploaded"])
            #expect(request.values(of: "Outtray-Attempt") == ["3"])
            #expect(request.values(of: "Content-Type") == ["application/json"])
            #expect(request.values(of: "User-Agent") == ["outtray"])
        }
    }

    @Test func `a secret that nothing answers for is a failure within the limit, and no request goes out`() async throws
    {
        try await ScriptedServer.run(.answer(204)) { server in
            let outcome = await call(server.url, limit: .milliseconds(300)) {
                // As a read from a disk that hangs: it ends by its cancellation alone.
                try await Task.sleep(for: .seconds(3600))
                return Secret("late")
            }

            #expect(
                failure(outcome)?.cause == "its secret cannot be read: there is no answer within 0.3 seconds",
                "\(outcome)"
            )
            #expect(failure(outcome)?.isFinal == false && server.requests.isEmpty)
        }
    }

    @Test func `without a secret there is no signature`() async throws {
        try await ScriptedServer.run(.answer(200)) { server in
            #expect(await call(server.url) == .delivered)
            #expect(server.requests.first?.values(of: "Outtray-Signature") == [])
        }
    }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 599])
    func `a momentary refusal is tried again`(status: Int) async throws {
        try await ScriptedServer.run(.text(status, "busy", headers: [("Retry-After", "120")])) { server in
            let failure = failure(await call(server.url))

            #expect(failure?.isFinal == false && failure?.pause == .seconds(120) && failure?.said == "busy")
            #expect(failure?.cause.hasSuffix("answered \(status)") == true)
        }
    }

    @Test(arguments: [300, 301, 302, 307, 400, 401, 403, 404, 410, 422])
    func `any other answer is final, and a redirect is not followed`(status: Int) async throws {
        try await ScriptedServer.run({ request, _ in
            request.path == "/other" ? .answer(200) : .answer(status, headers: [("Location", "/other")])
        }) { server in
            let failure = failure(await call("\(server.url)/h"))

            #expect(failure?.isFinal == true && failure?.pause == nil)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `no connection, no answer and a broken one are tried again, without the URL's query`() async throws {
        let closed = try await ScriptedServer.run(.answer(200)) { $0.url }
        let failures = [
            failure(await call("\(closed)/h?token=x")),
            try await ScriptedServer.run(.silence) { server in
                failure(await call("\(server.url)/h?token=x", limit: .milliseconds(200)))
            },
            try await ScriptedServer.run(.garbage([1, 2, 3])) { failure(await call("\($0.url)/h?token=x")) },
        ]
        for failure in failures {
            #expect(failure?.isFinal == false)
            #expect(failure?.cause.contains("token") == false && failure?.said == nil)
        }
    }

    @Test func `a name that leads to this machine gets nothing, unless that is allowed`() async throws {
        try await ScriptedServer.run(.answer(200)) { server in
            let url = server.url(host: "hooks.example")

            let refused = failure(await call(url, allowsPrivate: false, addresses: ["hooks.example": "127.0.0.1"]))
            #expect(refused?.cause.contains("allow_private") == true && refused?.isFinal == false)
            #expect(server.requests.isEmpty)
            #expect(await call(url, addresses: ["hooks.example": "127.0.0.1"]) == .delivered)
        }
    }

    @Test func `a secret that cannot be read sends nothing`() async throws {
        struct NoSecret: Error, CustomStringConvertible { let description = "it is not there" }
        try await ScriptedServer.run(.answer(200)) { server in
            let failure = failure(await call(server.url) { throw NoSecret() })

            #expect(failure?.cause == "its secret cannot be read: it is not there")
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `a cancelled call is no failure`() async throws {
        try await ScriptedServer.run(.silence) { server in
            let outcome = await withTaskGroup(of: HookOutcome?.self) { group in
                group.addTask { await call(server.url) }
                group.addTask {
                    try? await server.waitForRequests(1)
                    return nil
                }
                var outcome: HookOutcome?
                for await ended in group {
                    group.cancelAll()
                    outcome = ended ?? outcome
                }
                return outcome
            }
            #expect(outcome == .cancelled)
        }
    }

    @Test(
        arguments: [
            ("https://hooks.example/x?y=z", nil), ("https://hooks.example:8443", nil),
            ("http://127.0.0.1/x", "allow_private"),
            ("http://hooks.example/x", "allow_http"), ("https://10.0.0.5/x", "allow_private"),
            ("https://0x7f.1/x", "allow_private"), ("https://[::1]/", "allow_private"),
            ("https://metadata/x", "allow_private"),
            ("https://user:pw@hooks.example/", "must be an https://"), ("ftp://hooks.example/", "must be an https://"),
            ("hooks.example", "must be an https://"), ("https://hooks.example/#a", "must be an https://"),
            ("https://hooks.example/a b", "must be an https://"), ("http://10.0.0.5/", "allow_http"),
        ] as [(String, String?)]
    )
    func `a URL in the configuration is safe, or allowed in so many words`(url: String, trouble: String?) {
        let told = WebhookURL.trouble(with: url, allowsHTTP: false, allowsPrivate: false)

        if let trouble {
            #expect(told?.contains(trouble) == true, "\(url): \(told ?? "nothing")")
        } else {
            #expect(told == nil, "\(url)")
        }
        if trouble?.hasPrefix("allow") == true {
            #expect(WebhookURL.trouble(with: url, allowsHTTP: true, allowsPrivate: true) == nil)
        }
    }
}
