import AsyncHTTPClient
import FoundationEssentials
import Testing

@testable import Sandbox

@Suite(.timeLimit(.minutes(5))) struct LinkedInDialectTests {
    @Test func `a given header that is missing or differs is 403 in XML`() async throws {
        try await withSandbox { sandbox in
            let url = try await imageURL(sandbox)

            for headers in [[], [("media-type-family", "stillimage")]] {
                let reply = try await sandbox.send("PUT", url, headers: headers, body: .bytes([1, 2, 3]))
                #expect(reply.status == 403)
                #expect(reply.code == "SignatureDoesNotMatch")
            }
        }
    }

    @Test func `an expired URL is 403 in plain text`() async throws {
        try await withSandbox { sandbox in
            let url = try await imageURL(sandbox)

            sandbox.clock.advance(by: .seconds(15 * 60))
            let reply = try await put(sandbox, url)

            #expect(reply.status == 403)
            #expect(reply.text == "Signed URL has expired")
            #expect(reply.headers["content-type"] == "text/plain")
        }
    }

    @Test func `an Authorization header is 400, another size is 400`() async throws {
        try await withSandbox { sandbox in
            let url = try await imageURL(sandbox)

            let keyed = try await put(sandbox, url, headers: [("Authorization", "Bearer cs_sandbox")])
            let short = try await put(sandbox, url, bytes: [1, 2])
            let fine = try await put(sandbox, url)

            #expect(keyed.status == 400)
            #expect(short.status == 400)
            #expect(fine.status == 201)
        }
    }

    @Test func `a PUT without a length is 411`() async throws {
        try await withSandbox { sandbox in
            let url = try await imageURL(sandbox)
            let connection = try #require(RawConnection(origin: sandbox.addresses.storage) as RawConnection?)

            connection.send("PUT \(target(of: url)) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n")
            connection.send("media-type-family: STILLIMAGE\r\n\r\n")
            let answer = await connection.readToEnd().text

            #expect(answer.hasPrefix("HTTP/1.1 411"))
        }
    }

    private func imageURL(_ sandbox: RunningSandbox) async throws -> String {
        let ask = try await sandbox.start(["mediaType": "image", "fileSize": 3, "filename": "a.png"])
        return ask.json["uploadUrl"]?.string ?? ""
    }

    private func put(
        _ sandbox: RunningSandbox,
        _ url: String,
        headers: [(String, String)] = [],
        bytes: [UInt8] = [1, 2, 3]
    ) async throws -> Reply {
        let headers = headers + [("media-type-family", "STILLIMAGE")]
        return try await sandbox.send("PUT", url, headers: headers, body: .bytes(bytes))
    }
}
