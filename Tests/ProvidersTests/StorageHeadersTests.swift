import Pipeline
import TestSupport
import Testing

@testable import Providers

/// What an answer may say of a PUT's headers, and what is ours.
struct StorageHeadersTests {
    private func sent(_ fields: (String, String)...) throws -> [HeaderField] {
        let piece = Piece(
            index: 0,
            range: 0..<1,
            url: "https://s/k?secret",
            headers: fields.map { HeaderField($0, $1) }
        )
        return try StorageHeaders.sent(with: piece, fallbackType: .jpeg)
    }

    @Test(arguments: [
        "Host", "hOST", ":authority", ":path", "", "Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding",
        "Upgrade", "HTTP2-Settings", "Proxy-Authorization", "Proxy-Connection", "proxy-x", "Expect", "Content-Length",
        "Authorization", "Cookie",
    ])
    func `no answer says what is ours to say`(name: String) throws {
        #expect(try sent((name, "x"), ("content-type", "a/b")) == [HeaderField("content-type", "a/b")])
    }

    @Test func `everything else goes as it came`() throws {
        let given = ["Content-Type", "x-amz-meta-a", "Content-Encoding", "Cache-Control", "x-hosting", "If-None-Match"]

        #expect(
            try sent(
                ("Content-Type", "1"),
                ("x-amz-meta-a", "a\tb"),
                ("Content-Encoding", "3"),
                ("Cache-Control", "4"),
                ("x-hosting", "\u{FC}"),
                ("If-None-Match", "*")
            ).map(\.name) == given
        )
    }

    @Test(arguments: [
        ("x secret", "a"), ("x\nsecret", "a"), ("x:secret", "a"), ("x-\u{E9}secret", "a"), ("x", "secret\r\nHost: b"),
        ("x", "secret\u{0}"), ("x", "secret\u{7F}"),
    ])
    func `what cannot be sent refuses the ticket, and tells no secret`(name: String, value: String) {
        #expect {
            _ = try sent((name, value))
        } throws: { error in
            let error = error as? ProviderError
            return error?.kind == .refusedTicket && error?.reason.contains("secret") == false
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an answer's Host does not take the bytes to another place`() async throws {
        let given = [
            HeaderField("Host", "evil.example"), HeaderField("", "x"), HeaderField(":authority", "evil.example"),
        ]
        try await ScriptedServer.run(.answer(200)) { server in
            _ = try await put(stream(of: [1]), to: server, headers: given)

            let request = try #require(server.requests.first)
            #expect(request.values(of: "host") == [URLText.host(server.url)])
            #expect(request.headers.allSatisfy { !$0.name.isEmpty && !$0.value.contains("evil") })
        }
    }
}
