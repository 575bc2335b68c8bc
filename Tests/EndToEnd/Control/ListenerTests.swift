import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// The TCP listener of the running service: who may ask, what it serves, and how it comes and goes.
    struct ListenerTests {
        private static let token = "0123456789abcdef"
        private static let shown = ["Host: localhost", "Authorization: Bearer \(token)"]

        /// Puts these lines of YAML into the bench's configuration, as `listen`.
        private static func configure(_ bench: Bench, _ listen: String?) throws {
            let yaml = bench.yaml([.init(settle: "50ms")]) + (listen.map { "listen: {\($0)}\n" } ?? "")
            try bench.write(Array(yaml.utf8), to: "outtray.yaml")
        }

        private static func writeToken(_ bench: Bench, _ token: String = token) throws {
            try bench.write(Array("\(token)\n".utf8), to: "listen.token", permissions: [.ownerReadWrite])
        }

        /// Whether the service listens, by its status.
        private static func isOpen(_ status: JSONTree) -> Bool { status["listen"]?["open"] == .bool(true) }

        @Test(.timeLimit(.minutes(5)))
        func `the parts of the configuration are served with the token, and nothing else is`() async throws {
            try await withBench { bench in
                let port = try freePort()
                try Self.writeToken(bench)
                let token = "token_file: \(bench.path("listen.token"))"
                try Self.configure(bench, "address: 127.0.0.1:\(port), serve: [metrics, health], \(token)")
                let end = try await bench.withDaemon { daemon in
                    try await daemon.waitForLog(" listening")
                    let status = try await bench.ask("/api/v1/status")
                    #expect(try controlSchema("status").problems(in: status).isEmpty)
                    #expect(status["listen"]?["address"]?.string == "127.0.0.1:\(port)" && Self.isOpen(status))

                    #expect(try await asked(port: port, "/healthz").hasSuffix("ok\n"))
                    #expect(try await asked(port: port, "/metrics").hasPrefix("HTTP/1.1 401 "))
                    let metrics = try await asked(port: port, "/metrics", headers: Self.shown)
                    #expect(metrics.contains("outtray_build_info{"), "\(metrics)")
                    #expect(try await asked(port: port, "/readyz", headers: Self.shown).hasSuffix("ready\n"))
                    for target in ["/api/v1/manifest", "/api/v1/status", "/api/v1/files", "/api/v1/events", "/"] {
                        let answer = try await asked(port: port, target, headers: Self.shown)
                        #expect(answer.hasPrefix("HTTP/1.1 404 "), "\(target)")
                    }
                    for target in ["/api/v1/reload", "/api/v1/pause", "/api/v1/forget"] {
                        let answer = try await asked(port: port, target, method: "POST", headers: Self.shown)
                        #expect(answer.hasPrefix("HTTP/1.1 404 "), "\(target)")
                    }
                    let rebound = ["Host: evil.example:\(port)", Self.shown[1]]
                    #expect(try await asked(port: port, "/metrics", headers: rebound).hasPrefix("HTTP/1.1 421 "))
                    let stranger = Self.shown + ["Origin: http://evil.example"]
                    #expect(try await asked(port: port, "/metrics", headers: stranger).hasPrefix("HTTP/1.1 403 "))
                    // The socket needs no token.
                    #expect(try await asked(bench.socket, "/metrics").hasPrefix("HTTP/1.1 200 "))
                    let check = try await bench.run("check")
                    let line = check.lines.first { $0.contains("listen: ") }
                    #expect(line?.hasPrefix("ok") == true && check.code == 0, "\(check)")
                    #expect(line?.hasSuffix("with a token; the running service listens there") == true, "\(check)")
                }
                #expect(end.status == .exited(0))
                #expect(!end.log.contains(Self.token))
                #expect((try? SocketConnection(port: port)) == nil)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a script follows the manifest over TCP, and goes on after a restart`() async throws {
            try await withBench { bench in
                let port = try freePort()
                try Self.configure(bench, "address: 127.0.0.1:\(port), serve: [manifest]")
                func follow(since revision: Int) throws -> SocketConnection {
                    let connection = try SocketConnection(port: port)
                    connection.send(
                        "GET /api/v1/manifest?since=\(revision)&follow=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                    )
                    return connection
                }
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                let end = try await bench.withDaemon { daemon in
                    try await daemon.waitForLog(" listening")
                    let follower = try follow(since: 0)
                    let first = await follower.read(until: #"{"revision":1,"event":"uploaded""#)
                    try await bench.waitForEntry("inbox/a.jpg") { $0.status == "ready" }
                    #expect(first.hasPrefix("HTTP/1.1 200 ") && first.contains("/inbox/a.jpg"), "\(first)")
                    return follower
                }
                // The answer ends whole with the service, and does not hold up its end.
                let rest = await end.value.readToEnd()
                #expect(end.status == .exited(0) && rest.hasSuffix("0\r\n\r\n"), "\(rest)")

                let last = try #require(try bench.journal().last?.revision)
                try bench.write(Media.jpeg(2), to: "inbox/b.jpg")
                let again = try await bench.withDaemon { daemon in
                    try await daemon.waitForLog(" listening")
                    let second = await (try follow(since: last)).read(until: "/inbox/b.jpg")
                    #expect(second.contains(#"{"revision":\#(last + 1),"#), "\(second)")
                    #expect(!second.contains("/inbox/a.jpg"), "\(second)")
                }
                #expect(again.status == .exited(0))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a reload brings, moves and ends the listener, and uploads do not notice`() async throws {
            try await withBench { bench in
                let ports = (try freePort(), try freePort())
                try Self.configure(bench, nil)
                bench.sandbox.weather.latency = .milliseconds(500)
                try await bench.withDaemon { daemon in
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    try await untilSo { bench.page.calls.count == 1 }
                    func reload(_ listen: String?) async throws {
                        try Self.configure(bench, listen)
                        #expect(try await bench.run("reload").code == 0)
                    }
                    try await reload("address: 127.0.0.1:\(ports.0), serve: [health]")
                    try await bench.waitForStatus("it listens", until: Self.isOpen)
                    #expect(try await asked(port: ports.0, "/healthz").hasPrefix("HTTP/1.1 200 "))

                    try await reload("address: 127.0.0.1:\(ports.1), serve: [health]")
                    try await bench.waitForStatus("it listens", until: Self.isOpen)
                    #expect(try await asked(port: ports.1, "/healthz").hasPrefix("HTTP/1.1 200 "))
                    #expect((try? SocketConnection(port: ports.0)) == nil)

                    // A wrong one changes nothing.
                    try Self.configure(bench, "address: 0.0.0.0:\(ports.0), serve: [health]")
                    try daemon.send(SIGHUP)
                    try await daemon.waitForLog("configuration not taken")
                    #expect(daemon.log.contains("so give token_file and tls (or behind_proxy: true)"))
                    #expect(try await asked(port: ports.1, "/healthz").hasPrefix("HTTP/1.1 200 "))

                    // A token of another content is another listener.
                    try Self.writeToken(bench)
                    let token = "token_file: \(bench.path("listen.token"))"
                    let guarded = "address: 127.0.0.1:\(ports.1), serve: [health], \(token)"
                    try await reload(guarded)
                    try await bench.waitForStatus("it listens", until: Self.isOpen)
                    #expect(try await asked(port: ports.1, "/readyz", headers: Self.shown).hasPrefix("HTTP/1.1 200 "))
                    try Self.writeToken(bench, "another-token-of-27-letters")
                    try await reload(guarded)
                    try await bench.waitForStatus("it listens", until: Self.isOpen)
                    #expect(try await asked(port: ports.1, "/readyz", headers: Self.shown).hasPrefix("HTTP/1.1 401 "))

                    try await reload(nil)
                    try await untilSo { (try? SocketConnection(port: ports.1)) == nil }
                    #expect(try await bench.ask("/api/v1/status")["listen"] == nil)
                    try await bench.waitForEntry("inbox/a.jpg")
                }
                #expect(bench.page.assets.count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a port that another process has holds up nothing, and is told until it is free`() async throws {
            try await withBench { bench in
                var other: LoopbackSocket? = try LoopbackSocket()
                try other?.listen()
                let port = Int(try #require(other?.port))
                try Self.configure(bench, "address: 127.0.0.1:\(port), serve: [health]")
                let check = try await bench.run("check")
                let line = check.lines.first { $0.contains("listen: ") }
                #expect(check.code == 0 && line?.hasPrefix("!") == true, "\(check)")
                #expect(line?.contains(": another process has 127.0.0.1:\(port) — end it") == true, "\(check)")

                try await bench.withDaemon { daemon in
                    try await daemon.waitForLog("not listening, it is tried again")
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    try await bench.waitForEntry("inbox/a.jpg")
                    let status = try await bench.waitForStatus("the problem") {
                        $0["problems"]?.items.isEmpty == false
                    }
                    #expect(try controlSchema("status").problems(in: status).isEmpty)
                    let problem = status["problems"]?.items.first
                    #expect(status["state"]?.string == "degraded" && !Self.isOpen(status), "\(status)")
                    #expect(problem?["code"]?.string == "not-listening", "\(status)")
                    #expect(problem?["subject"]?.string == "127.0.0.1:\(port)", "\(status)")

                    other = nil
                    try await bench.waitForStatus("it listens", until: Self.isOpen)
                    #expect(try await asked(port: port, "/healthz").hasPrefix("HTTP/1.1 200 "))
                    #expect(daemon.lines("not listening, it is tried again") == 1)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `over TLS it is served with the certificate, and strange clients harm nobody`() async throws {
            try await withBench { bench in
                let port = try freePort()
                let certificates = try TestCertificates()
                try bench.write(Array(certificates.certificate(.good).utf8), to: "tls.pem")
                let owner: FilePermissions = [.ownerReadWrite]
                try bench.write(Array(certificates.key(.good).utf8), to: "tls.key", permissions: owner)
                try Self.writeToken(bench)
                let tls = "tls: {certificate: \(bench.path("tls.pem")), key: \(bench.path("tls.key"))}"
                let token = "token_file: \(bench.path("listen.token"))"
                try Self.configure(bench, "address: 0.0.0.0:\(port), serve: [metrics], \(token), \(tls)")
                try await bench.withDaemon { daemon in
                    try await daemon.waitForLog(" listening")
                    // In the clear to the TLS port, cut short, and noise.
                    for bytes in ["GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET", "\u{16}\u{3}\u{1}"] {
                        let connection = try SocketConnection(port: port)
                        connection.send(bytes)
                        if bytes.count > 4 { #expect(!(await connection.readToEnd()).hasPrefix("HTTP/1.1 2")) }
                    }
                    func ask(_ headers: [String]) async throws -> String {
                        try await asked(port: port, authority: certificates.authority, "/metrics", headers: headers)
                    }
                    #expect(try await ask(Self.shown).contains("outtray_build_info{"))
                    #expect(try await ask(["Host: localhost"]).hasPrefix("HTTP/1.1 401 "))
                    // Its own addresses are good hosts; a name is not until the configuration has it.
                    #expect(try await ask(["Host: 192.0.2.1", Self.shown[1]]).hasPrefix("HTTP/1.1 200 "))
                    #expect(try await ask(["Host: outtray.test", Self.shown[1]]).hasPrefix("HTTP/1.1 421 "))
                    let check = try await bench.run("check")
                    let line = check.lines.first { $0.contains("listen: ") }
                    #expect(line?.hasPrefix("!") == true && line?.contains(", for 1 day") == true, "\(check)")
                    #expect(line?.contains("the certificate expires soon — renew") == true, "\(check)")
                }
            }
        }
    }
}

/// A port of this machine that nobody has now. It is below those that the kernel gives to connections, so that none of
/// other tests gets it.
private func freePort() throws -> Int {
    while true {
        let port = Int.random(in: 20_000..<32_000)
        if (try? LoopbackSocket(port: UInt16(port))) != nil { return port }
    }
}
