import Foundation
import Logging
import SystemPackage
import TestSupport
import Testing
import Threads
import Watch

@testable import Control

@Suite(.timeLimit(.minutes(5))) struct TCPListenerTests {
    private static let token = "0123456789abcdef"

    private static func plan(
        port: Int = 0,
        serves: Set<ServedPart> = [.health],
        token: String? = nil,
        certificate: ListenerCertificate? = nil
    ) throws -> ListenPlan {
        ListenPlan(
            address: try #require(ListenAddress(host: "127.0.0.1", port: port)),
            serves: serves,
            token: token.map(AccessToken.init),
            certificate: certificate
        )
    }

    /// Listens by a plan while `body` works, which gets the listener and its port.
    private func withListener(
        _ plan: ListenPlan,
        _ endpoints: [Endpoint] = [.health],
        limits: ServerLimits = .listener,
        _ body: (TCPListener, Int) async throws -> Void
    ) async throws {
        let listener = TCPListener(PageSessions(nil), limits: limits, pause: .milliseconds(10), logger: quiet)
        listener.take(plan)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await listener.run(ControlRouter(endpoints)) }
            defer { group.cancelAll() }
            try await body(listener, try await listener.opened().port)
        }
    }

    private static var impatient: ServerLimits {
        var limits = ServerLimits.listener
        limits.patience = .milliseconds(200)
        return limits
    }

    @Test(arguments: [
        ("GET", "/healthz", "127.0.0.1", 200, "ok"), ("HEAD", "/healthz", "localhost:8385", 200, " 200 "),
        ("GET", "/metrics", "127.0.0.1", 404, "unknown-path"),
        ("GET", "/api/v1/status", "127.0.0.1", 404, "unknown-path"),
        ("POST", "/healthz", "127.0.0.1", 405, "wrong-method"), ("POST", "/count", "127.0.0.1", 404, "unknown-path"),
        ("GET", "/healthz", "evil.example", 421, "misdirected"), ("GET", "/healthz", "outtray", 421, "misdirected"),
    ])
    func `a part is served under the listener's hosts, and nothing else`(
        _ method: String,
        _ target: String,
        _ host: String,
        _ status: Int,
        _ words: String
    ) async throws {
        try await withListener(try Self.plan(), [.health, .count]) { _, port in
            let answer = try await asked(port: port, target, method: method, headers: ["Host: \(host)"])

            #expect(answer.hasPrefix("HTTP/1.1 \(status) ") && answer.contains(words), "\(answer)")
        }
    }

    @Test func `without the token all but the health of the process is refused, with a challenge`() async throws {
        let ready = Endpoint.readiness { Readiness(missingFolders: [], closedRecords: nil) }
        try await withListener(try Self.plan(token: Self.token), [.health, ready]) { _, port in
            #expect(try await asked(port: port, "/healthz").hasPrefix("HTTP/1.1 200 "))
            for target in ["/readyz", "/metrics", "/"] {
                for shown in [[], ["Authorization: Bearer wrong"]] {
                    let answer = try await asked(port: port, target, headers: ["Host: localhost"] + shown)
                    #expect(answer.hasPrefix("HTTP/1.1 401 ") && answer.contains("unauthorized"), "\(answer)")
                    #expect(answer.lowercased().contains("www-authenticate: bearer realm=\"outtray\"\r\n"), "\(answer)")
                }
            }
            let headers = ["Host: localhost", "Authorization: Bearer \(Self.token)"]
            #expect(try await asked(port: port, "/readyz", headers: headers).hasPrefix("HTTP/1.1 200 "))
            #expect(try await asked(port: port, "/metrics", headers: headers).hasPrefix("HTTP/1.1 404 "))
        }
    }

    // MARK: Strange clients

    /// The first bytes of a TLS handshake, as a client sends them that was told https:// by mistake.
    private static let hello: [UInt8] = [0x16, 0x03, 0x01, 0x00, 0x2F, 0x01, 0x00, 0x00, 0x2B, 0x03, 0x03]

    @Test(arguments: [
        (Array("GET /healthz\r\n\r\n".utf8), 400), (Self.hello, 400), (Array("\r\nnothing\r\n\r\n".utf8), 400),
        (Array("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ".utf8) + Array(repeating: 0x78, count: 1 << 20), 431),
        (
            Array(
                "POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\nConnection: close\r\n\r\n".utf8
            ), 413
        ),
    ])
    func `what is no request gets an error, and the next client an answer`(bytes: [UInt8], status: Int) async throws {
        try await withListener(try Self.plan()) { _, port in
            let connection = try SocketConnection(port: port)
            // The server may have answered, and ended the connection, before it has all.
            connection.send(bytes + (status == 413 ? Array(repeating: 0x78, count: 5000) : []))
            let answer = await connection.readToEnd()
            // A connection that ends with unread bytes is reset, and the answer may be lost.
            #expect(answer.hasPrefix("HTTP/1.1 \(status) ") || bytes.count > 1 << 19 && answer.isEmpty, "\(answer)")
            #expect(try await asked(port: port, "/healthz").hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `a stranger's file has no more time than any other request`() async throws {
        try await withListener(try Self.plan(), limits: Self.impatient) { _, port in
            let connection = try SocketConnection(port: port)
            connection.send("PUT /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4000\r\n\r\n")
            let sender = Task {
                while !Task.isCancelled, connection.send("x") { try await rest(for: .milliseconds(50)) }
            }
            #expect(!(await connection.readToEnd()).hasPrefix("HTTP/1.1 2"))
            sender.cancel()
        }
    }

    @Test(arguments: ["", "GET /hea", "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"], [false, true])
    func `a client that sends a part and hangs is dropped, in the clear and within a handshake`(
        part: String,
        isSecure: Bool
    ) async throws {
        let certificates = try TestCertificates()
        let certificate = isSecure ? try certificates.listener(.good) : nil
        try await withListener(try Self.plan(certificate: certificate), limits: Self.impatient) { _, port in
            let connection = try SocketConnection(port: port)
            connection.send(isSecure && !part.isEmpty ? Self.hello : Array(part.utf8))

            #expect(!(await connection.readToEnd()).hasPrefix("HTTP/1.1 2"))
        }
    }

    @Test func `a follower that takes nothing is dropped, and holds little memory until then`() async throws {
        /// Rings when the stream is let go of.
        final class Owner: Sendable {
            let gone = Doorbell()
            private let bell: Doorbell
            init(_ bell: Doorbell) { self.bell = bell }
            deinit { bell.ring() }
        }
        let gone = Doorbell()
        let pieces = Mutex(0)
        let flood = Endpoint(.get, "/flood", part: .manifest) { _ in
            let owner = Owner(gone)
            return .stream(contentType: "text/plain") {
                withExtendedLifetime(owner) {}
                if pieces.withLock({ pieces in
                    pieces += 1
                    return pieces == 1
                }) {
                    // However late the server's loop learns of a full buffer, the stream waits for it.
                    keepLoopsBusy()
                }
                return [UInt8](repeating: 0x78, count: 1 << 16)
            }
        }
        try await withListener(try Self.plan(serves: [.manifest]), [flood], limits: Self.impatient) { _, port in
            let connection = try SocketConnection(port: port)
            connection.send("GET /flood HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            await gone.wait()
            // What the kernel's buffers of both ends may hold (tcp(7)), and a MiB of the server's.
            let kernel = ["tcp_rmem", "tcp_wmem"].compactMap { name in
                ProcFile.text("/proc/sys/net/ipv4/\(name)")?.split(whereSeparator: \.isWhitespace).last
                    .flatMap { Int($0) }
            }
            #expect(kernel.count == 2)
            #expect(pieces.withLock { $0 } * 65_536 <= kernel.reduce(1 << 20, +))
            withExtendedLifetime(connection) {}
        }
    }

    /// The kernel's table tells which timer a connection has: 2 is keepalive (proc_net_tcp of the kernel's documents).
    @Test func `the kernel asks after clients that say nothing`() async throws {
        let bell = Doorbell()
        let endless = Endpoint(.get, "/endless", part: .manifest) { _ in
            bell.ring()
            try await Promise<Void>().value()
            return .text("")
        }
        try await withListener(try Self.plan(serves: [.manifest]), [endless]) { _, port in
            let connection = try SocketConnection(port: port)
            connection.send("GET /endless HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            await bell.wait()
            let place = "0100007F:" + String(format: "%04X", port)
            // Another timer may run for a moment, until the client has acknowledged.
            try await untilSo {
                let table = try #require(ProcFile.text("/proc/net/tcp"))
                return table.split(separator: "\n").contains { line in
                    let fields = line.split(separator: " ")
                    return fields.count > 5 && fields[1] == place && fields[3] == "01" && fields[5].hasPrefix("02:")
                }
            }
            withExtendedLifetime(connection) {}
        }
    }

    // MARK: Plans

    @Test func `another plan ends the connections of the old one, and an equal one does not`() async throws {
        var limits = ServerLimits.listener
        limits.farewell = .milliseconds(50)
        try await withListener(try Self.plan(), limits: limits) { listener, port in
            let connection = try SocketConnection(port: port)
            func ask() async -> String {
                connection.send("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                return await connection.readAnswer()
            }
            #expect(await ask().hasPrefix("HTTP/1.1 200 "))
            listener.take(try Self.plan())
            #expect(await ask().hasPrefix("HTTP/1.1 200 "))

            listener.take(try Self.plan(token: Self.token))
            #expect(await connection.readToEnd() == "")
            let other = try await listener.opened().port
            #expect(try await asked(port: other, "/").hasPrefix("HTTP/1.1 401 "))

            listener.take(nil)
            #expect(listener.condition == nil)
            try await untilSo { (try? SocketConnection(port: other)) == nil }
            listener.take(try Self.plan(port: other))
            #expect(try await listener.opened().port == other)
        }
    }

    @Test func `an address that is taken is a problem, and is had as soon as it is free`() async throws {
        let listener = TCPListener(PageSessions(nil), pause: .milliseconds(10), logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await listener.run(ControlRouter([.health])) }
            defer { group.cancelAll() }
            do {
                let other = try LoopbackSocket()
                try other.listen()
                listener.take(try Self.plan(port: Int(other.port)))
                try await untilSo { listener.condition?.trouble != nil }
                let condition = try #require(listener.condition)
                #expect(condition.trouble?.reason == "another process has 127.0.0.1:\(other.port)")
                #expect(!condition.isOpen && condition.since != nil)
                withExtendedLifetime(other) {}
            }

            let port = try await listener.opened().port
            #expect(try await asked(port: port, "/healthz").hasPrefix("HTTP/1.1 200 "))
            #expect(listener.condition?.trouble == nil && listener.condition?.isOpen == true)
        }
    }

    @Test func `an address that no machine has is told in words`() async throws {
        let listener = TCPListener(PageSessions(nil), pause: .milliseconds(10), logger: quiet)
        let address = try #require(ListenAddress("192.0.2.1:8385"))
        listener.take(ListenPlan(address: address, serves: [.health]))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await listener.run(ControlRouter([.health])) }
            defer { group.cancelAll() }
            try await untilSo { listener.condition?.trouble != nil }
            #expect(listener.condition?.trouble == BindTrouble(.addressNotAvailable, address))
            #expect(listener.condition?.trouble?.reason == "this machine does not have the address 192.0.2.1")
        }
    }

    // MARK: TLS

    @Test func `over TLS the answers are the same, and nothing is told in the clear`() async throws {
        let certificates = try TestCertificates()
        let plan = try Self.plan(token: Self.token, certificate: certificates.listener(.good))
        let ready = Endpoint.readiness { Readiness(missingFolders: [], closedRecords: nil) }
        try await withListener(plan, [.health, ready]) { _, port in
            for (target, more, status) in [
                ("/healthz", [], 200), ("/readyz", [], 401), ("/readyz", ["Authorization: Bearer \(Self.token)"], 200),
            ] {
                let headers = ["Host: localhost"] + more
                let answer = try await asked(port: port, authority: certificates.authority, target, headers: headers)
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
            }
            let clear = try await asked(port: port, "/healthz")
            #expect(!clear.contains("HTTP/1.1 2"))
            await #expect(throws: (any Error).self) {
                let stranger = certificates.certificate(.selfSigned)
                return try await asked(port: port, authority: stranger, "/healthz")
            }
        }
    }

    @Test func `a certificate and a key that cannot be used are told apart`() throws {
        let certificates = try TestCertificates()
        let (good, key) = (Array(certificates.certificate(.good).utf8), Array(certificates.key(.good).utf8))
        let other = Array(certificates.key(.selfSigned).utf8)
        func problem(_ certificate: [UInt8], _ key: [UInt8]) -> ListenerCertificate.Problem? {
            do throws(ListenerCertificate.Problem) {
                _ = try ListenerCertificate(certificate: certificate, key: key)
                return nil
            } catch {
                return error
            }
        }

        #expect(problem(good, key) == nil)
        #expect(problem([], key) == .certificate)
        #expect(problem(key, key) == .certificate)
        #expect(problem(good, []) == .key)
        #expect(problem(good, good) == .key)
        #expect(problem(good, Array(certificates.lockedKey.utf8)) == .key)
        #expect(problem(good, other) == .mismatch)
        #expect(try certificates.listener(.good) == certificates.listener(.good))
        #expect(try certificates.listener(.good) != certificates.listener(.selfSigned))
    }
}

extension TestCertificates {
    func listener(_ kind: Kind) throws -> ListenerCertificate {
        try ListenerCertificate(certificate: Array(certificate(kind).utf8), key: Array(key(kind).utf8))
    }
}
