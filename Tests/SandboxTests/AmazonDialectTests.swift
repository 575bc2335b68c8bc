import AsyncHTTPClient
import NIOCore
import Testing

@testable import Sandbox

@Suite(.timeLimit(.minutes(5))) struct AmazonDialectTests {
    @Test(arguments: [[("Content-Type", "image/png; charset=utf-8")], [("Content-Type", "image/PNG")], []])
    func `a content type that differs by a byte, or is missing, is 403`(headers: [(String, String)]) async throws {
        try await withSandbox { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 3)

            let reply = try await sandbox.send("PUT", ticket.url, headers: headers, body: .bytes([1, 2, 3]))

            #expect(reply.status == 403)
            #expect(reply.code == "SignatureDoesNotMatch")
            #expect(reply.headers["content-type"] == "application/xml")
        }
    }

    @Test func `a second content type is 403`() async throws {
        try await withSandbox { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 3)
            let headers = [("Content-Type", "image/png"), ("Content-Type", "image/png")]

            let reply = try await sandbox.send("PUT", ticket.url, headers: headers, body: .bytes([1, 2, 3]))

            #expect(reply.code == "SignatureDoesNotMatch")
        }
    }

    @Test func `an altered signature, lifetime or path is 403, no signature AccessDenied`() async throws {
        try await withSandbox { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 3)
            let other = try await sandbox.pngTicket(bytes: 3)
            let altered = [
                ticket.url.replacing("X-Amz-Expires=900", with: "X-Amz-Expires=901"),
                ticket.url.dropLast() + (ticket.url.hasSuffix("0") ? "1" : "0"),
                ticket.url.replacing(ticket.id, with: other.id),
            ]

            for url in altered {
                let reply = try await sandbox.putPNG(Ticket(url: url, publicURL: "", id: ""), [1, 2, 3])
                #expect(reply.status == 403)
                #expect(reply.code == "SignatureDoesNotMatch")
            }
            let bare = String(ticket.url.prefix { $0 != "?" })
            let unsigned = try await sandbox.putPNG(Ticket(url: bare, publicURL: "", id: ""), [1, 2, 3])

            #expect(unsigned.status == 403)
            #expect(unsigned.code == "AccessDenied")
        }
    }

    @Test func `an Authorization header is 400, before anything else is looked at`() async throws {
        try await withSandbox { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 3)
            let headers = [("Content-Type", "image/png"), ("Authorization", "Bearer pb_live_sandbox")]

            let reply = try await sandbox.send("PUT", ticket.url, headers: headers, body: .bytes([1, 2, 3]))

            #expect(reply.status == 400)
            #expect(reply.code == "InvalidArgument")
            #expect(reply.text.contains("Only one auth mechanism allowed"))
        }
    }

    @Test func `a chunked body is 411`() async throws {
        try await withSandbox { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 3)
            let body = HTTPClientRequest.Body.stream([ByteBuffer(bytes: [1, 2, 3])].async, length: .unknown)

            let reply = try await sandbox.send("PUT", ticket.url, headers: [("Content-Type", "image/png")], body: body)

            #expect(reply.status == 411)
            #expect(reply.code == "MissingContentLength")
        }
    }

    @Test func `a URL works until its last second, twice if need be, and not after`() async throws {
        try await withSandbox { sandbox in
            var tickets: [Ticket] = []
            for _ in 0..<3 { tickets.append(try await sandbox.pngTicket(bytes: 3)) }

            sandbox.clock.advance(by: .seconds(15 * 60 - 1))
            let first = try await sandbox.putPNG(tickets[0], [1, 2, 3])
            let again = try await sandbox.putPNG(tickets[0], [1, 2, 3])
            sandbox.clock.advance(by: .seconds(1))
            var late: [Reply] = []
            for ticket in tickets { late.append(try await sandbox.putPNG(ticket, [1, 2, 3])) }

            #expect(first.status == 200)
            #expect(again.status == 200)
            #expect(late.map(\.status) == [403, 403, 400])
            #expect(late.map(\.code) == ["ExpiredRequest", "AccessDenied", "ExpiredRequest"])
            #expect(late[1].text.contains("Request has expired"))
        }
    }

    @Test func `another length than the declared one is refused either way`() async throws {
        try await withSandbox { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 3)

            let short = try await sandbox.putPNG(ticket, [1, 2])
            let long = try await sandbox.putPNG(ticket, [1, 2, 3, 4])

            #expect(short.status == 400)
            #expect(short.code == "IncompleteBody")
            #expect(long.status == 400)
            #expect(long.code == "EntityTooLarge")
            #expect(sandbox.page.puts.allSatisfy { !$0.stored })
        }
    }

    @Test func `a cap holds at the PUT when presign was not told the size`() async throws {
        try await withSandbox({ $0.postbreezeCaps = [.image: 2] }) { sandbox in
            let reply = try await sandbox.presign(["filename": "a.png", "contentType": "image/png"])
            let ticket = Ticket(url: reply.json["uploadUrl"]?.string ?? "", publicURL: "", id: "")

            #expect(try await sandbox.putPNG(ticket, [1, 2, 3]).code == "EntityTooLarge")
            #expect(try await sandbox.putPNG(ticket, [1, 2]).status == 200)
        }
    }

    @Test func `a body that ends early is IncompleteBody and is not kept`() async throws {
        try await withSandbox { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 10)
            let connection = try #require(RawConnection(origin: sandbox.addresses.storage) as RawConnection?)

            connection.send("PUT \(target(of: ticket.url)) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\n")
            connection.send("Content-Length: 10\r\n\r\nabcd")
            connection.finishSending()
            let answer = await connection.readToEnd().text
            let put = try await sandbox.sandbox.books.wait { !$0.puts.isEmpty }.puts[0]

            #expect(answer.hasPrefix("HTTP/1.1 400"))
            #expect(answer.contains("<Code>IncompleteBody</Code>"))
            #expect(put.receivedBytes == 4)
            #expect(put.stored == false)
            #expect(try await sandbox.send("GET", ticket.publicURL).status == 404)
        }
    }

    @Test func `a second PUT to an object that is being written is 429`() async throws {
        try await withSandbox { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 4)
            let head = "PUT \(target(of: ticket.url)) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\n"
            let connections = try (0..<2).map { _ in
                try #require(RawConnection(origin: sandbox.addresses.storage) as RawConnection?)
            }

            for connection in connections { connection.send(head + "Connection: close\r\nContent-Length: 4\r\n\r\nab") }
            _ = try await sandbox.sandbox.books.wait { page in page.puts.contains { $0.status == 429 } }
            for connection in connections { connection.send("cd") }
            var answers: [String] = []
            for connection in connections { answers.append(await connection.readToEnd().text) }
            answers.sort()

            #expect(answers[0].hasPrefix("HTTP/1.1 200"))
            #expect(answers[1].hasPrefix("HTTP/1.1 429"))
            #expect(answers[1].contains("<Code>TooManyRequests</Code>"))
            #expect(try await sandbox.send("GET", ticket.publicURL).text == "abcd")
        }
    }
}

extension Sequence where Self: Sendable, Element: Sendable {
    /// The same elements as an asynchronous sequence.
    fileprivate var async: AsyncStream<Element> {
        AsyncStream { continuation in
            for element in self { continuation.yield(element) }
            continuation.finish()
        }
    }
}
