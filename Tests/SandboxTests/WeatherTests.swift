import AsyncHTTPClient
import FoundationEssentials
import Glibc
import Testing

@testable import Sandbox

@Suite(.timeLimit(.minutes(5))) struct WeatherTests {
    @Test func `every n-th PUT fails and is not stored`() async throws {
        try await withSandbox({ $0.weather.failEveryNthPut = 2 }) { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 3)
            var statuses: [Int] = []
            for _ in 0..<4 { statuses.append(try await sandbox.putPNG(ticket, [1, 2, 3]).status) }

            #expect(statuses == [200, 500, 200, 500])
            #expect(sandbox.page.puts.map(\.stored) == [true, false, true, false])
        }
    }

    @Test func `after n calls comes 429, until the weather changes`() async throws {
        try await withSandbox({ $0.weather.tooManyRequestsAfter = 2 }) { sandbox in
            func ask() async throws -> Int {
                try await sandbox.presign(["filename": "a", "contentType": "image/png"]).status
            }
            let stormy = [try await ask(), try await ask(), try await ask(), try await ask()]
            let change = try await sandbox.changeWeather(["tooManyRequestsAfter": .null])
            let fair = try await ask()

            #expect(stormy == [201, 201, 429, 429])
            #expect(change.json["tooManyRequestsAfter"] == .null)
            #expect(fair == 201)
        }
    }

    @Test func `every n-th PUT is reset before its body has ended`() async throws {
        try await withSandbox({ $0.weather.resetMidBodyEveryNthPut = 1 }) { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 1000)
            let connection = try #require(RawConnection(origin: sandbox.addresses.storage) as RawConnection?)

            connection.send("PUT \(target(of: ticket.url)) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\n")
            connection.send("Content-Length: 1000\r\n\r\n" + String(repeating: "x", count: 600))
            let end = await connection.readToEnd()
            let put = try #require(sandbox.page.puts.first)

            #expect(end.text.isEmpty)
            #expect(end.error == ECONNRESET)
            #expect(put.receivedBytes == 500)
            #expect(put.status == nil)
            #expect(put.stored == false)
            #expect(try await sandbox.send("GET", ticket.publicURL).status == 404)
        }
    }

    @Test func `a lost answer of a PUT is a reset, and leaves the bytes stored`() async throws {
        try await withSandbox({ $0.weather.loseAnswerEveryNthPut = 1 }) { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 3)
            let connection = try #require(RawConnection(origin: sandbox.addresses.storage) as RawConnection?)

            connection.send("PUT \(target(of: ticket.url)) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\n")
            connection.send("Content-Length: 3\r\n\r\nabc")
            let end = await connection.readToEnd()

            #expect(end.text.isEmpty)
            #expect(end.error == ECONNRESET)
            #expect(try await sandbox.send("GET", ticket.publicURL).text == "abc")
            #expect(sandbox.page.puts.first?.status == nil)
            #expect(sandbox.page.puts.first?.stored == true)
        }
    }

    @Test func `a lost answer of a call leaves the asset made`() async throws {
        try await withSandbox({ $0.weather.loseAnswerEveryNthCall = 1 }) { sandbox in
            await #expect(throws: (any Error).self) {
                try await sandbox.presign(["filename": "a", "contentType": "image/png"])
            }

            #expect(sandbox.page.assets.count == 1)
            #expect(sandbox.page.calls.first?.answerLost == true)
        }
    }

    @Test func `a lifetime of zero hands out expired URLs, of both providers`() async throws {
        try await withSandbox({ $0.weather.urlLifetime = .zero }) { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 3)
            let ask = try await sandbox.start(["mediaType": "document", "fileSize": 3, "filename": "a.pdf"])
            let url = ask.json["uploadUrl"]?.string ?? ""

            #expect(try await sandbox.putPNG(ticket, [1, 2, 3]).code == "ExpiredRequest")
            #expect(try await sandbox.send("PUT", url, body: .bytes([1, 2, 3])).text == "Signed URL has expired")
        }
    }

    @Test func `a change of the weather starts the counting anew`() async throws {
        try await withSandbox({ $0.weather.failEveryNthPut = 3 }) { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 3)
            var statuses: [Int] = []
            for round in 0..<5 {
                if round == 2 { _ = try await sandbox.changeWeather(["latency": 0]) }
                statuses.append(try await sandbox.putPNG(ticket, [1, 2, 3]).status)
            }

            #expect(statuses == [200, 200, 200, 200, 500])
        }
    }

    @Test func `latency holds an answer back at least that long`() async throws {
        try await withSandbox({ $0.weather.latency = .milliseconds(120) }) { sandbox in
            let took = try await ContinuousClock().measure { _ = try await sandbox.pngTicket(bytes: 3) }

            #expect(took >= .milliseconds(120))
        }
    }

    @Test func `a change names what it changes, and bad weather is told why`() async throws {
        try await withSandbox({ $0.weather.failEveryNthPut = 5 }) { sandbox in
            let changed = try await sandbox.changeWeather(["latency": .number(0.5), "urlLifetime": 3])
            let bad: [JSONValue] = [
                ["rain": 1], ["latency": "1"], ["failEveryNthPut": 0], ["urlLifetime": -1],
                ["failEveryNthPut": .number(1.5)],
                [],
            ]
            for change in bad {
                let reply = try await sandbox.changeWeather(change)
                #expect(reply.status == 400)
                #expect(reply.json["error"]?.string?.isEmpty == false)
            }

            #expect(changed.status == 200)
            #expect(changed.json["failEveryNthPut"] == 5)
            #expect(changed.json["urlLifetime"] == 3)
            #expect(sandbox.sandbox.weather.latency == .milliseconds(500))
        }
    }
}
