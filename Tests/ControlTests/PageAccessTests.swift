import Foundation
import Pipeline
import TestSupport
import Testing
import Threads

@testable import Control

/// The page at a TCP listener: who gets in, and what others try.
@Suite(.timeLimit(.minutes(5))) struct PageAccessTests {
    private let sessions = PageSessions(nil)
    private let acts = Monitor(0)

    /// Listens while `body` works, which gets the port.
    private func withPage(
        token: String? = nil,
        _ ring: EventRing = EventRing(start: "s"),
        _ body: @escaping (Int) async throws -> Void
    ) async throws {
        let listener = TCPListener(sessions, pause: .milliseconds(10), logger: quiet)
        listener.take(
            ListenPlan(
                address: try #require(ListenAddress(host: "127.0.0.1", port: 0)),
                serves: [.page],
                token: token.map(AccessToken.init)
            )
        )
        let act = Endpoint(.post, "/api/v1/retry", part: .page, access: .session(.act)) { [acts] request in
            acts.change { $0 += 1 }
            return .json(.object(["retried": .integer(Int64(request.body.count))]))
        }
        let endpoints: [Endpoint] =
            Endpoint.pageFiles + [
                .session(sessions), .login(sessions) { listener.condition }, .logout(sessions) { listener.condition },
                .link(sessions) { listener.condition }, .sessions(sessions), .revoke(sessions),
                .events(ring, LongAnswers(), sessions, pause: .milliseconds(20)), act,
            ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await listener.run(ControlRouter(endpoints)) }
            defer { group.cancelAll() }
            try await body(try await listener.opened().port)
        }
    }

    private static let own = ["Host: 127.0.0.1", "Sec-Fetch-Site: same-origin", "Content-Type: application/json"]

    private func logIn(_ port: Int, _ key: String, _ headers: [String] = own) async throws -> String {
        try await asked(
            port: port,
            "/api/v1/page/login",
            method: "POST",
            headers: headers,
            body: "{\"key\": \"\(key)\"}"
        )
    }

    /// The `Cookie` field of a browser that has just logged in.
    private func cookie(_ port: Int, isReadOnly: Bool = false) async throws -> String {
        let answer = try await logIn(port, sessions.link(isReadOnly: isReadOnly))
        let line = try #require(answer.split(separator: "\r\n").first { $0.lowercased().hasPrefix("set-cookie: ") })
        return "Cookie: a=b; " + line.dropFirst("set-cookie: ".count).prefix { $0 != ";" }
    }

    private func status(_ answer: String) -> Int? { Int(answer.dropFirst("HTTP/1.1 ".count).prefix(3)) }

    // MARK: Files

    @Test func `the page's files are for all, with rules that no script of others passes, and once`() async throws {
        try await withPage { port in
            let answer = try await asked(port: port, "/")
            let head = answer.lowercased()
            #expect(status(answer) == 200 && answer.contains("<!doctype html>"))
            for field in [
                "content-type: text/html; charset=utf-8", "x-content-type-options: nosniff",
                "referrer-policy: no-referrer", "cross-origin-opener-policy: same-origin",
                "cross-origin-resource-policy: same-origin", "cache-control: no-cache",
            ] {
                #expect(head.contains(field + "\r\n"), "\(field)")
            }
            let rules = try #require(head.split(separator: "\r\n").first { $0.hasPrefix("content-security-policy: ") })
            #expect(rules.contains("default-src 'none'") && rules.contains("require-trusted-types-for 'script'"))
            #expect(!rules.contains("unsafe") && !rules.contains("*"))
            #expect(!head.contains("access-control-"))

            let tag = try #require(answer.split(separator: "\r\n").first { $0.lowercased().hasPrefix("etag: ") })
                .dropFirst(6)
            let again = try await asked(port: port, "/", headers: ["Host: 127.0.0.1", "If-None-Match: \"x\", \(tag)"])
            #expect(status(again) == 304 && !again.contains("<") && !again.lowercased().contains("content-length"))
            let other = try await asked(port: port, "/", headers: ["Host: 127.0.0.1", "If-None-Match: \"x\""])
            #expect(status(other) == 200)
        }
    }

    @Test func `whatever the page's files name is there, and all together are small`() {
        let names = Set(PageFile.all.map(\.name))
        let index =
            PageFile.all.first { $0.name == "index.html" }.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
        for match in index.matches(of: /(?:href|src)="([^#"]+)"/) {
            #expect(names.contains(String(match.output.1)), "\(match.output.1)")
        }
        for file in PageFile.all where file.name.hasSuffix(".js") {
            let text = String(decoding: file.bytes, as: UTF8.self)
            for match in text.matches(of: /from '\.\/([^']+)'/) {
                #expect(names.contains(String(match.output.1)), "\(file.name): \(match.output.1)")
            }
            #expect(
                !text.contains("innerHTML") && !text.contains("outerHTML") && !text.contains("eval("),
                "\(file.name)"
            )
        }
        #expect(!index.contains("style=") && !index.contains("onclick") && !index.contains("http:"))
        #expect(PageFile.all.reduce(0) { $0 + $1.bytes.count } <= 77 << 10)
    }

    // MARK: Logging in

    @Test func `a link logs one browser in, with a cookie that no script reads, and is of no use again`() async throws {
        try await withPage { port in
            let key = sessions.link(isReadOnly: false)
            let answer = try await logIn(port, key)
            #expect(status(answer) == 200)
            let cookie = try #require(
                answer.split(separator: "\r\n").first { $0.lowercased().hasPrefix("set-cookie: ") }
            )
            for part in ["outtray-", "; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=2592000"] {
                #expect(cookie.contains(part), "\(cookie)")
            }
            #expect(!cookie.contains("Domain") && !cookie.contains("Secure"))

            for used in [key, "", "0123", String(key.dropLast())] {
                let answer = try await logIn(port, used)
                #expect(status(answer) == 401 && answer.contains("outtray page"), "\(answer)")
            }
        }
    }

    @Test func `without a login nothing of the service is told or done, whatever is shown`() async throws {
        try await withPage(token: "0123456789abcdef") { port in
            let name = sessions.cookie
            for shown in [
                [], ["Cookie: \(name)="], ["Cookie: \(name)=0123"], ["Cookie: \(name)"], ["Cookie: =;;\(name)=x=y"],
                ["Authorization: Bearer 0123456789abcdef"],
            ] {
                for (method, target) in [
                    ("GET", "/api/v1/page"), ("GET", "/api/v1/events"), ("POST", "/api/v1/retry"),
                    ("POST", "/api/v1/page/logout"),
                ] {
                    let answer = try await asked(
                        port: port,
                        target,
                        method: method,
                        headers: Self.own + shown,
                        body: "{}"
                    )
                    #expect(status(answer) == 401 && answer.contains("logged-out"), "\(target): \(answer)")
                }
            }
            // What makes links, and tells of others, is for the control socket alone.
            let cookie = try await cookie(port)
            for (method, target) in [
                ("POST", "/api/v1/page/link"), ("GET", "/api/v1/page/sessions"), ("POST", "/api/v1/page/revoke"),
            ] {
                let headers = Self.own + [cookie, "Authorization: Bearer 0123456789abcdef"]
                let answer = try await asked(port: port, target, method: method, headers: headers, body: "{}")
                #expect(status(answer) == 404, "\(target): \(answer)")
            }
            #expect(acts.read { $0 } == 0)
        }
    }

    @Test func `who has logged in may look and act, and by a link to read may only look`() async throws {
        try await withPage { port in
            let cookie = try await cookie(port)
            #expect(
                try await asked(port: port, "/api/v1/page", headers: Self.own + [cookie]).contains("\"readOnly\":false")
            )
            // Many files may be named at once.
            let many = "{\"paths\": [\"" + String(repeating: "x", count: 100_000) + "\"]}"
            let done = try await asked(
                port: port,
                "/api/v1/retry",
                method: "POST",
                headers: Self.own + [cookie],
                body: many
            )
            #expect(status(done) == 200 && acts.read { $0 } == 1, "\(done)")

            let reader = try await self.cookie(port, isReadOnly: true)
            #expect(
                try await asked(port: port, "/api/v1/page", headers: Self.own + [reader]).contains("\"readOnly\":true")
            )
            let refused = try await asked(
                port: port,
                "/api/v1/retry",
                method: "POST",
                headers: Self.own + [reader],
                body: "{}"
            )
            #expect(status(refused) == 403 && refused.contains("read-only") && acts.read { $0 } == 1, "\(refused)")
        }
    }

    @Test func `a session that is ended is over at once, and so is what it hears`() async throws {
        let ring = EventRing(start: "s")
        try await withPage(ring) { port in
            let cookie = try await cookie(port)
            let connection = try SocketConnection(port: port)
            connection.send("GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\(cookie)\r\n\r\n")
            let begun = await connection.read(until: ": events of outtray")
            #expect(status(begun) == 200 && begun.lowercased().contains("x-accel-buffering: no"), "\(begun)")
            let unused = sessions.link(isReadOnly: false)
            #expect(try await sessions.endAll() == 1)

            _ = await connection.readToEnd()
            #expect(status(try await asked(port: port, "/api/v1/page", headers: Self.own + [cookie])) == 401)
            #expect(status(try await logIn(port, unused)) == 401)
        }
    }

    @Test(arguments: ["GET /api/v1/events", "POST /api/v1/retry"])
    func `a request whose body comes after its session's end gets and does nothing`(line: String) async throws {
        try await withPage { port in
            let head = (Self.own + [try await cookie(port), "Content-Length: 2", "Connection: close"])
                .joined(separator: "\r\n")
            let connection = try SocketConnection(port: port)
            connection.send("\(line) HTTP/1.1\r\n\(head)\r\n\r\n{")
            // An answer at another connection shows that the head has been looked at, as far as anything can from here.
            _ = try await asked(port: port, "/", headers: ["Host: 127.0.0.1"])
            try await rest(for: .milliseconds(50))
            #expect(try await sessions.endAll() == 1)
            connection.send("}")
            let answer = await connection.readToEnd()
            #expect(status(answer) == 401 && answer.contains("logged-out"), "\(answer)")
            #expect(acts.read { $0 } == 0)
        }
    }

    @Test func `a body is read as far as the one who sends it is known`() async throws {
        try await withPage { port in
            let long = "{\"key\": \"" + String(repeating: "x", count: 5000) + "\"}"
            for (target, method, code) in [
                ("/api/v1/page/login", "POST", 413), ("/", "GET", 413), ("/api/v1/retry", "POST", 401),
            ] {
                let answer = try await asked(port: port, target, method: method, headers: Self.own, body: long)
                #expect(status(answer) == code, "\(target): \(answer)")
            }
        }
    }

    @Test func `behind a proxy with TLS, the cookie is for TLS alone`() async throws {
        try await withPage { port in
            for (origin, isSecure) in [("https://127.0.0.1", true), ("http://127.0.0.1", false)] {
                let headers = Self.own + ["Origin: \(origin)"]
                let answer = try await logIn(port, sessions.link(isReadOnly: false), headers)
                #expect(status(answer) == 200 && answer.contains("; Secure") == isSecure, "\(answer)")
            }
        }
    }

    @Test func `a browser can log itself out, and no other`() async throws {
        try await withPage { port in
            let (one, other) = (try await cookie(port), try await cookie(port))
            let unused = sessions.link(isReadOnly: false)
            let answer = try await asked(
                port: port,
                "/api/v1/page/logout",
                method: "POST",
                headers: Self.own + [one],
                body: "{}"
            )
            #expect(status(answer) == 200 && answer.contains("; Max-Age=0;"), "\(answer)")
            #expect(status(try await asked(port: port, "/api/v1/page", headers: Self.own + [one])) == 401)
            #expect(status(try await asked(port: port, "/api/v1/page", headers: Self.own + [other])) == 200)
            #expect(status(try await logIn(port, unused)) == 200)
        }
    }

    // MARK: Pages of others

    @Test(arguments: [
        ["Sec-Fetch-Site: cross-site"], ["Sec-Fetch-Site: same-site"], ["Origin: http://evil.example"],
        ["Origin: null"], ["Origin: http://127.0.0.1:1"], ["Referer: http://evil.example/"],
        ["Sec-Fetch-Site: same-origin", "Origin: http://evil.example"],
    ])
    func `a page of another origin gets nothing and does nothing, even with the cookie`(fields: [String]) async throws {
        try await withPage { port in
            let headers = ["Host: 127.0.0.1", "Content-Type: application/json", try await cookie(port)] + fields
            for (method, target) in [
                ("GET", "/api/v1/page"), ("GET", "/api/v1/events"), ("POST", "/api/v1/retry"), ("PUT", "/api/v1/retry"),
                ("GET", "/page.js"), ("OPTIONS", "/api/v1/retry"),
            ] {
                let answer = try await asked(port: port, target, method: method, headers: headers, body: "{}")
                #expect(status(answer) == 403 && answer.contains("foreign"), "\(method) \(target): \(answer)")
                #expect(!answer.lowercased().contains("access-control-"))
            }
            let key = sessions.link(isReadOnly: false)
            #expect(
                status(try await logIn(port, key, ["Host: 127.0.0.1", "Content-Type: application/json"] + fields))
                    == 403
            )
            #expect(acts.read { $0 } == 0)
        }
    }

    @Test func `a name that leads here by DNS is another host`() async throws {
        try await withPage { port in
            let cookie = try await cookie(port)
            for host in ["evil.example", "evil.example:\(port)", "127.0.0.1.evil.example"] {
                for target in ["/", "/api/v1/page", "/api/v1/events"] {
                    let headers = ["Host: \(host)", "Sec-Fetch-Site: same-origin", cookie]
                    let answer = try await asked(port: port, target, headers: headers)
                    #expect(status(answer) == 421, "\(host)\(target): \(answer)")
                }
            }
        }
    }

    @Test func `a change says where it is from and that it is JSON, as a form of another site cannot`() async throws {
        try await withPage { port in
            let cookie = try await cookie(port)
            for (fields, code) in [
                (["Content-Type: application/json"], 403), (["Sec-Fetch-Site: same-origin"], 400),
                (["Sec-Fetch-Site: same-origin", "Content-Type: text/plain"], 400),
                (["Sec-Fetch-Site: same-origin", "Content-Type: application/x-www-form-urlencoded"], 400),
                (["Origin: http://127.0.0.1", "Content-Type: application/json; charset=utf-8"], 200),
                (["Sec-Fetch-Site: none", "Content-Type: application/json"], 200),
            ] {
                let headers = ["Host: 127.0.0.1", cookie] + fields
                let answer = try await asked(port: port, "/api/v1/retry", method: "POST", headers: headers, body: "{}")
                #expect(status(answer) == code, "\(fields): \(answer)")
            }
            #expect(acts.read { $0 } == 2)
        }
    }

    @Test func `a link on another site leads to the page, in a tab of its own alone`() async throws {
        try await withPage { port in
            let from = ["Host: 127.0.0.1", "Sec-Fetch-Site: cross-site", "Referer: http://wiki.example/"]
            let visit = from + ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"]
            #expect(status(try await asked(port: port, "/", headers: visit)) == 200)
            for other in [
                from + ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"],
                from + ["Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script"], from,
            ] {
                #expect(status(try await asked(port: port, "/", headers: other)) == 403, "\(other)")
            }
            let cookie = try await cookie(port)
            #expect(status(try await asked(port: port, "/api/v1/page", headers: visit + [cookie])) == 403)
        }
    }
}
