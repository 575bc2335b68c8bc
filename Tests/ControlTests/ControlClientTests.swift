import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Control

@Suite(.timeLimit(.minutes(5))) struct ControlClientTests {
    /// Answers with what was sent.
    private static let echo = Endpoint(.post, "/echo") { request in
        .json(.object(["body": .object(try request.object("path", "n"))]))
    }
    private static let place = Endpoint(.get, "/where") { request in
        .json(.object(["path": try request.query.path("path").map(\.controlJSON)]))
    }

    @Test func `questions are answered as JSON, whatever bytes a path has`() async throws {
        try await withSocket([Self.echo, Self.place]) { socket in
            let client = ControlClient(socket)
            let path = FilePath(bytes: Array("/in/ü?&=+%41".utf8) + [0xFF])

            let sent = JSON.object(["path": path.controlJSON, "n": .integer(1)])
            #expect(try await client.post("/echo", sent).members?["body"] == sent)
            let back = try await client.get("/where", query: [("path", path.bytes)]).members?["path"]
            #expect(try FilePath(control: #require(back)) == path)
        }
    }

    @Test func `a refusal comes with its words`() async throws {
        try await withSocket([Self.echo]) { socket in
            let client = ControlClient(socket)
            for (body, code) in [(JSON.array([]), "malformed"), (.object(["m": "x"]), "invalid")] {
                let trouble = await #expect(throws: ControlTrouble.self) { try await client.post("/echo", body) }
                guard case .refused(code, _, let hint)? = trouble else {
                    Issue.record("\(String(describing: trouble))")
                    continue
                }
                #expect(!hint.isEmpty)
            }
        }
    }

    @Test func `without a service that is said`() async throws {
        let directory = try TemporaryDirectory()
        for name in ["none.sock", "file"] {
            let socket = directory.path.appending(name)
            let trouble = await #expect(throws: ControlTrouble.self) { try await ControlClient(socket).get("/healthz") }
            guard case .noService? = trouble else {
                Issue.record("\(String(describing: trouble))")
                continue
            }
        }
    }

    @Test func `the lines of a stream come as they are written, until it ends`() async throws {
        let count = Mutex(0)
        let endpoint = Endpoint(.get, "/lines") { _ in
            .stream(contentType: "application/x-ndjson") {
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                // Pieces and lines do not fall together.
                return number > 3 ? nil : Array("\(number)a\n\(number)".utf8)
            }
        }
        try await withSocket([endpoint]) { socket in
            let lines = Mutex<[String]>([])
            try await ControlClient(socket).lines(of: "/lines") { line in lines.withLock { $0.append(line) } }
            #expect(lines.withLock { $0 } == ["1a", "12a", "23a"])
        }
    }

    @Test func `a stream is cancelled when its client leaves`() async throws {
        let (begun, cancelled) = (Doorbell(), Doorbell())
        let endpoint = Endpoint(.get, "/endless") { _ in
            .stream(contentType: "text/plain") {
                begun.ring()
                do {
                    try await Promise<Void>().value()
                } catch {
                    cancelled.ring()
                    throw error
                }
                return nil
            }
        }
        try await withSocket([endpoint]) { socket in
            do {
                let connection = try UnixConnection(socket)
                connection.send("GET /endless HTTP/1.1\r\nHost: outtray\r\n\r\n")
                await begun.wait()
            }
            await cancelled.wait()
        }
    }

    /// Hummingbird's copy of a request's body has to come to its end, or the process does.
    @Test func `clients that leave streams, in the middle or at once, leave the service at work`() async throws {
        let drip = Endpoint(.post, "/drip") { _ in
            .stream(contentType: "text/plain") {
                try await rest(for: .milliseconds(1))
                return Array("drip\n".utf8)
            }
        }
        try await withSocket([.health, drip]) { socket in
            for number in 0..<40 {
                let connection = try UnixConnection(socket)
                connection.send("POST /drip HTTP/1.1\r\nHost: outtray\r\nContent-Length: 3\r\n\r\nabc")
                if !number.isMultiple(of: 3) { try await rest(for: .milliseconds(number)) }
            }
            #expect(try await asked(socket, "/healthz").hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `a stream ends whole when the service ends`() async throws {
        let begun = Doorbell()
        let endpoint = Endpoint(.get, "/endless") { _ in
            .stream(contentType: "text/plain") {
                begun.ring()
                try await Promise<Void>().value()
                return nil
            }
        }
        let reading = Mutex<Task<Void, any Error>?>(nil)
        // However slow the machine is.
        var limits = ServerLimits()
        limits.farewell = .seconds(30)
        try await withSocket([endpoint], limits: limits) { socket in
            reading.withLock { $0 = Task { try await ControlClient(socket).lines(of: "/endless") { _ in } } }
            await begun.wait()
        }
        try await reading.withLock { $0 }?.value
    }
}
