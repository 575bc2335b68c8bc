import AsyncHTTPClient
import FoundationEssentials
import Glibc
import Testing

@testable import Sandbox

@Suite(.timeLimit(.minutes(5))) struct PreparedAnswerTests {
    private static let png: JSONValue = ["filename": "a.png", "contentType": "image/png", "bytes": 3]

    @Test func `the next calls of a route are answered as prepared, and nothing is made`() async throws {
        try await withSandbox { sandbox in
            let form = PreparedAnswer.Form.given(status: 503, headers: ["retry-after": "3"], body: Array("busy".utf8))
            sandbox.sandbox.prepare([PreparedAnswer(to: "POST /media/presign", times: 2, form)])

            let first = try await sandbox.presign(Self.png)
            let other = try await sandbox.start(["mediaType": "image", "fileSize": 3, "filename": "a.png"])
            let second = try await sandbox.presign(Self.png)
            let third = try await sandbox.presign(Self.png)

            #expect([first.status, other.status, second.status, third.status] == [503, 200, 503, 201])
            #expect(first.text == "busy" && first.headers["retry-after"] == "3")
            #expect(sandbox.page.assets.count == 2)
            #expect(sandbox.page.calls.map(\.isPrepared) == [true, false, true, false])
            #expect(sandbox.page.calls.map(\.status) == [503, 200, 503, 201])
        }
    }

    @Test func `a PUT that is answered as prepared is read and not stored, unless it is to be carried out`()
        async throws
    {
        try await withSandbox { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 3)
            sandbox.sandbox.prepare([
                PreparedAnswer(to: "PUT", .given(status: 429)),
                PreparedAnswer(to: "PUT", .given(status: 500), isCarriedOut: true),
            ])

            let refused = try await sandbox.putPNG(ticket, [1, 2, 3])
            let missing = try await sandbox.send("GET", ticket.publicURL)
            let stored = try await sandbox.putPNG(ticket, [4, 5, 6])
            let there = try await sandbox.send("GET", ticket.publicURL)

            #expect([refused.status, missing.status, stored.status, there.status] == [429, 404, 500, 200])
            #expect(there.body == [4, 5, 6])
            #expect(sandbox.page.puts.map(\.status) == [429, 500])
            #expect(sandbox.page.puts.map(\.stored) == [false, true])
            #expect(sandbox.page.puts.map(\.receivedBytes) == [3, 3])
            #expect(sandbox.page.puts.map(\.isPrepared) == [true, true])
        }
    }

    @Test func `a prepared reset of a PUT comes half-way through its body`() async throws {
        try await withSandbox { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 1000)
            sandbox.sandbox.prepare([PreparedAnswer(to: "PUT", .reset)])
            let connection = try #require(RawConnection(origin: sandbox.addresses.storage) as RawConnection?)

            connection.send("PUT \(target(of: ticket.url)) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\n")
            connection.send("Content-Length: 1000\r\n\r\n" + String(repeating: "x", count: 600))
            let end = await connection.readToEnd()

            #expect(end.text.isEmpty && end.error == ECONNRESET)
            #expect(sandbox.page.puts.map(\.receivedBytes) == [500])
            #expect(sandbox.page.puts.map(\.status) == [nil])
        }
    }

    @Test func `the sandbox's own answer can lack fields`() async throws {
        try await withSandbox { sandbox in
            sandbox.sandbox.prepare([PreparedAnswer(to: "POST /media/presign", .own(without: ["mediaAsset"]))])

            let reply = try await sandbox.presign(Self.png)

            #expect(reply.status == 201)
            #expect(reply.json["mediaAsset"] == nil && reply.json["uploadUrl"] != nil)
            #expect(sandbox.page.assets.count == 1)
        }
    }

    @Test func `an answer that is prepared for one key leaves the others alone`() async throws {
        try await withSandbox { sandbox in
            sandbox.sandbox.prepare([
                PreparedAnswer(to: "POST /media/presign", key: "cs_sandbox", .given(status: 402)),
                PreparedAnswer(to: "PUT", key: "cs_sandbox", .given(status: 403)),
            ])
            let ticket = try await sandbox.pngTicket(bytes: 3)

            #expect(try await sandbox.putPNG(ticket, [1, 2, 3]).status == 200)
            #expect(try await sandbox.presign(Self.png, key: "cs_sandbox").status == 402)
            #expect(sandbox.sandbox.weather.prepared.map(\.request) == ["PUT"])
        }
    }

    @Test func `answers are prepared from outside, and what is left of them is told`() async throws {
        try await withSandbox { sandbox in
            let changed = try await sandbox.changeWeather([
                "prepared": [
                    ["request": "POST /media/presign", "times": 2, "status": 403, "body": ["code": "STORAGE_LIMIT"]],
                    ["request": "PUT", "status": "reset", "key": "cs_sandbox"],
                ]
            ])
            let reply = try await sandbox.presign(Self.png)
            let left = sandbox.sandbox.weather.prepared
            let read = try left.map { try PreparedAnswer($0.json) }

            #expect(changed.status == 200)
            #expect(changed.json["prepared"]?.array?.count == 2)
            #expect(reply.status == 403 && reply.json["code"] == "STORAGE_LIMIT")
            #expect(reply.headers["content-type"] == "application/json; charset=utf-8")
            #expect(left.map(\.times) == [1, 1])
            #expect(left.map { $0.json["status"] } == [403, "reset"])
            #expect(read == left)
        }
    }

    @Test(arguments: [
        ("{\"prepared\": {}}", "list"),
        ("{\"prepared\": [1]}", "objects"),
        ("{\"prepared\": [{\"request\": \"PUT\", \"status\": 500, \"delay\": 1}]}", "delay"),
        ("{\"prepared\": [{\"status\": 500}]}", "POST /media/presign"),
        ("{\"prepared\": [{\"request\": \"POST /media\", \"status\": 500}]}", "POST /media/presign"),
        ("{\"prepared\": [{\"request\": \"PUT\"}]}", "status"),
        ("{\"prepared\": [{\"request\": \"PUT\", \"status\": 100}]}", "200 to 599"),
        ("{\"prepared\": [{\"request\": \"PUT\", \"status\": \"lost\"}]}", "200 to 599"),
        ("{\"prepared\": [{\"request\": \"PUT\", \"status\": 500, \"times\": 0}]}", "times"),
        ("{\"prepared\": [{\"request\": \"PUT\", \"status\": 500, \"headers\": {\"a\": 1}}]}", "headers"),
        ("{\"prepared\": [{\"request\": \"PUT\", \"status\": 500, \"carriedOut\": 1}]}", "carriedOut"),
        ("{\"prepared\": [{\"request\": \"PUT\", \"status\": \"reset\", \"body\": \"a\"}]}", "reset"),
        ("{\"prepared\": [{\"request\": \"PUT\", \"without\": [\"a\"], \"status\": 200}]}", "without"),
        ("{\"prepared\": [{\"request\": \"PUT\", \"without\": [1]}]}", "without"),
    ])
    func `a badly prepared answer is refused with the reason, and changes nothing`(body: String, names: String)
        async throws
    {
        try await withSandbox { sandbox in
            let url = sandbox.addresses.postbreeze.replacing("/api/v1", with: "/sandbox/weather")
            let reply = try await sandbox.send("POST", url, body: .bytes(Array(body.utf8)))

            #expect(reply.status == 400)
            #expect(reply.json["error"]?.string?.contains(names) == true, "\(reply.text)")
            #expect(sandbox.sandbox.weather.prepared.isEmpty)
        }
    }

    @Test func `a body of a megabyte can be prepared from outside`() async throws {
        try await withSandbox { sandbox in
            let words = String(repeating: "x", count: 1 << 20)
            let changed = try await sandbox.changeWeather([
                "prepared": [["request": "POST /media/presign", "status": 500, "body": .string(words)]]
            ])

            #expect(changed.status == 200)
            #expect(try await sandbox.presign(Self.png).text == words)
        }
    }
}
