import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Control

@Suite(.timeLimit(.minutes(5))) struct ControlServerTests {
    /// A bound below what a socket's buffer holds: a client that is refused has sent all, and reads the answer.
    private static var narrow: ServerLimits {
        var limits = ServerLimits()
        limits.body = 64 << 10
        return limits
    }

    @Test func `a known path is answered, and the connection goes on`() async throws {
        try await withSocket { path in
            let connection = try UnixConnection(path)
            for _ in 0..<3 {
                connection.send("GET /healthz HTTP/1.1\r\nHost: outtray\r\n\r\n")
                let answer = await connection.readAnswer()
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(answer.hasSuffix("\r\n\r\nok\n"))
            }
        }
    }

    @Test func `HEAD is answered as GET, without a body`() async throws {
        try await withSocket { path in
            let connection = try UnixConnection(path)
            connection.send("HEAD /healthz HTTP/1.1\r\nHost: outtray\r\nConnection: close\r\n\r\n")
            let answer = await connection.readToEnd()

            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.lowercased().contains("content-length: 3\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    /// What is refused, with which status and code.
    @Test(arguments: [
        ("GET", "/", ["Host: outtray"], 404, "unknown-path"),
        ("GET", "/healthz/", ["Host: outtray"], 404, "unknown-path"),
        ("GET", "/%FF%00", ["Host: outtray"], 404, "unknown-path"),
        ("GET", "/\u{FF}", ["Host: outtray"], 400, "malformed"),
        ("GET", "/count", ["Host: outtray"], 405, "wrong-method"),
        ("POST", "/healthz", ["Host: outtray", "Content-Length: 0"], 405, "wrong-method"),
        ("DELETE", "/healthz", ["Host: outtray"], 405, "wrong-method"),
        ("GET", "/healthz", [], 403, "foreign"),
        ("GET", "/healthz", ["Host: localhost"], 403, "foreign"),
        ("GET", "/healthz", ["Host: outtray.evil.example"], 403, "foreign"),
        ("GET", "/healthz", ["Host: outtray:80"], 403, "foreign"),
        ("GET", "/healthz", ["Host: outtray", "Origin: null"], 403, "foreign"),
        ("GET", "/healthz", ["Host: outtray", "Origin: http://outtray"], 403, "foreign"),
        ("GET", "/healthz", ["Host: outtray", "Referer: http://outtray/"], 403, "foreign"),
        ("GET", "/healthz", ["Host: outtray", "Origin:"], 403, "foreign"),
        ("GET", "http://outtray/healthz", ["Host: localhost"], 403, "foreign"),
        ("GET", "http://outtray", ["Host: outtray"], 404, "unknown-path"),
        ("GET", "/healthz", ["Host: outtray", "Host: localhost"], 403, "foreign"),
        ("OPTIONS", "*", ["Host: outtray"], 400, "malformed"),
        ("POST", "/count", ["Host: outtray", "Content-Length: 70000"], 413, "too-large"),
        (
            "GET", "/healthz", ["Host: outtray", "X: " + String(repeating: "x", count: 40_000)], 431,
            "headers-too-large"
        ),
        ("GET", "/healthz", ["Host: outtray", "no colon"], 400, "malformed"),
        ("G@T", "/healthz", ["Host: outtray"], 400, "malformed"),
    ])
    func `a request that cannot be answered gets its error as JSON`(
        _ method: String,
        _ target: String,
        _ headers: [String],
        _ status: Int,
        _ code: String
    ) async throws {
        try await withSocket([.health, .count], limits: Self.narrow) { path in
            let body = status == 413 ? String(repeating: "x", count: 70_000) : ""
            let answer = try await asked(path, target, method: method, headers: headers, body: body)

            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
            #expect(answer.lowercased().contains("content-type: application/json\r\n"))
            let json = try #require(answer.range(of: "\r\n\r\n").map { Data(answer[$0.upperBound...].utf8) })
            let error = try JSONDecoder().decode([String: [String: String]].self, from: json)["error"]
            #expect(error?["code"] == code)
            #expect(error?.keys.sorted() == ["code", "hint", "message"])
            #expect(error?.values.allSatisfy { !$0.isEmpty } == true)
        }
    }

    @Test func `bytes that are no HTTP, and paths of any bytes, leave the server at work`() async throws {
        var random = SeededGenerator(seed: 11)
        let noise = (0..<50).map { _ in
            (0..<Int(random.next() % 200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
        try await withSocket { path in
            let targets: [[UInt8]] = [
                [0x2F, 0xFF, 0xFE], Array("/%".utf8), Array("/%zz?%".utf8), Array("?".utf8), Array("//".utf8),
                [0x2F, 0x80],
                Array("http://".utf8), Array("http://outtray:".utf8), Array("/?=&=%00".utf8), Array("/#".utf8),
            ]
            for target in targets {
                let connection = try UnixConnection(path)
                connection.send(Array("GET ".utf8) + target + Array(" HTTP/1.1\r\nHost: outtray\r\n\r\n".utf8))
                let answer = await connection.readAnswer()
                #expect(answer.hasPrefix("HTTP/1.1 4"), "\(target): \(answer)")
            }
            for bytes in noise {
                let connection = try UnixConnection(path)
                // A first byte of 0xFF begins no request; the server answers and ends the connection.
                connection.send([0xFF] + bytes)
                _ = await connection.readToEnd()
            }

            #expect(try await asked(path, "/healthz").hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func `a body up to the bound arrives whole`() async throws {
        try await withSocket([.count]) { path in
            let size = ServerLimits().body
            let headers = ["Host: outtray", "Content-Length: \(size)"]
            let body = String(repeating: "x", count: size)
            let answer = try await asked(path, "/count", method: "POST", headers: headers, body: body)

            #expect(answer.hasSuffix("\r\n\r\n\(size)"))
        }
    }

    @Test func `a body without end is refused at the bound, and ends the connection`() async throws {
        try await withSocket([.count], limits: Self.narrow) { path in
            let connection = try UnixConnection(path)
            connection.send("POST /count HTTP/1.1\r\nHost: outtray\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "4000\r\n" + String(repeating: "x", count: 0x4000) + "\r\n"
            for _ in 0..<8 where connection.send(chunk) {}

            #expect(await connection.readToEnd().hasPrefix("HTTP/1.1 413 "))
        }
    }

    /// What clients send before they hang.
    @Test(arguments: [
        "", "GET /hea", "GET /healthz HTTP/1.1\r\nHost: outtray\r\n",
        "POST /count HTTP/1.1\r\nHost: outtray\r\nContent-Length: 10\r\n\r\nabc",
    ])
    func `a client that sends a part of a request and hangs is dropped`(_ part: String) async throws {
        var limits = ServerLimits()
        limits.patience = .milliseconds(200)
        try await withSocket([.health, .count], limits: limits) { path in
            let connection = try UnixConnection(path)
            connection.send(part)
            let answer = await connection.readToEnd()

            #expect(!answer.hasPrefix("HTTP/1.1 2"))
            #expect(try await asked(path, "/healthz").hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func `a client that rests after an answer is dropped`() async throws {
        var limits = ServerLimits()
        limits.patience = .milliseconds(200)
        try await withSocket(limits: limits) { path in
            let connection = try UnixConnection(path)
            connection.send("GET /healthz HTTP/1.1\r\nHost: outtray\r\n\r\n")

            #expect(await connection.readToEnd().hasSuffix("ok\n"))
        }
    }

    @Test func `a client that leaves, or takes nothing of a long answer, harms nobody`() async throws {
        var limits = ServerLimits()
        limits.patience = .milliseconds(200)
        limits.connections = 2
        let long = Endpoint(.get, "/long") { _ in .text(String(repeating: "x", count: 8 << 20)) }
        try await withSocket([.health, long], limits: limits) { path in
            var idle: [UnixConnection] = []
            for number in 0..<8 {
                let connection = try UnixConnection(path)
                connection.send("GET /long HTTP/1.1\r\nHost: outtray\r\n\r\n")
                // Every other client goes away; the rest take nothing, and would fill the server.
                if number.isMultiple(of: 2) { idle.append(connection) }
            }

            #expect(try await asked(path, "/healthz").hasPrefix("HTTP/1.1 200"))
            withExtendedLifetime(idle) {}
        }
    }

    @Test func `200 clients at once are answered, however few connections there may be`() async throws {
        var limits = ServerLimits()
        limits.connections = 8
        try await withSocket(limits: limits) { path in
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        try await asked(path, "/healthz", headers: ["Host: outtray", "Connection: close"])
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }

            #expect(answers.count == 200)
            #expect(answers.allSatisfy { $0.hasPrefix("HTTP/1.1 200 ") })
        }
    }

    /// The work ends, as a pipeline does that a failure ends; and open connections do not hold it up.
    @Test func `with connections of all kinds open, the end comes soon, and the socket is gone`() async throws {
        let bell = Doorbell()
        let directory = try TemporaryDirectory()
        let place = SocketPlace([:], stateDirectory: directory.path)
        var limits = ServerLimits()
        limits.farewell = .milliseconds(50)
        limits.patience = .seconds(3600)
        let long = Endpoint(.get, "/long") { _ in .text(String(repeating: "x", count: 8 << 20)) }
        let router = ControlRouter([.health, .count, .endless(bell), long])
        let open = Mutex<[UnixConnection]>([])
        try await ControlServer(place, router, limits: limits, logger: quiet).serve {
            for part in [
                "", "GET /hea", "POST /count HTTP/1.1\r\nHost: outtray\r\nContent-Length: 10\r\n\r\nabc",
                "GET /long HTTP/1.1\r\nHost: outtray\r\n\r\n", "GET /endless HTTP/1.1\r\nHost: outtray\r\n\r\n",
            ] {
                let connection = try UnixConnection(place.path)
                connection.send(part)
                open.withLock { $0.append(connection) }
            }
            await bell.wait()
            #expect(directory.holds("control.sock"))
        }

        #expect(try directory.names() == [])
        #expect(open.withLock { $0.count } == 5)
    }

    @Test func `the errors of the work come through, and the socket is gone`() async throws {
        struct Failure: Error {}
        let directory = try TemporaryDirectory()
        let place = SocketPlace([:], stateDirectory: directory.path)
        let server = ControlServer(place, ControlRouter([.health]), logger: quiet)

        await #expect(throws: Failure.self) { try await server.serve { throw Failure() } }
        #expect(try directory.names() == [])
    }

    @Test func `owner and group alone may use the socket, whatever the umask`() async throws {
        try await withSocket { path in
            var status = stat()
            #expect(lstat(path.string, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o660)
            #expect(status.st_mode & S_IFMT == S_IFSOCK)
        }
    }
}
