import SystemPackage
import Testing

@testable import Control

/// The rules of a TCP listener that need no socket.
@Suite struct ListenerRulesTests {
    @Test(arguments: [
        ("127.0.0.1:8385", "127.0.0.1", 8385), ("0.0.0.0:1", "0.0.0.0", 1), ("[::1]:65535", "::1", 65535),
        ("[0:0::0:1]:80", "::1", 80), ("[::ffff:127.0.0.1]:80", "::ffff:127.0.0.1", 80),
        ("[::FFFF:7f00:1]:80", "::ffff:127.0.0.1", 80),
    ])
    func `an address is an IP address and a port`(text: String, host: String, port: Int) throws {
        let address = try #require(ListenAddress(text))

        #expect(address.host == host && address.port == port)
        #expect(ListenAddress(address.description) == address)
    }

    @Test(arguments: [
        "", ":", "127.0.0.1", ":8385", "8385", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:08", "127.0.0.1:65536",
        "127.0.0.1:-1", "127.0.0.1:80a", "localhost:80", "::1:80", "[::1]", "[127.0.0.1]:80", "[::1:80", "127.1:80",
        "0x7f.0.0.1:80", "127.0.0.01:80", "127.0.0.1 :80", "[fe80::1%lo]:80", "127.0.0.1:８０",
    ])
    func `anything else is none`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test(arguments: [("0.0.0.0", true), ("::", true), ("::ffff:0.0.0.0", true), ("127.0.0.1", false), ("::1", false)])
    func `an address for all is known in each family`(host: String, isAll: Bool) throws {
        #expect(try #require(ListenAddress(host: host, port: 1)).isAll == isAll)
    }

    @Test(arguments: [
        ("Media.Example", "media.example"), ("localhost", "localhost"), ("ingest-1", "ingest-1"), ("a_b", "a_b"),
        ("10.0.0.5", "10.0.0.5"), ("[FD00::1]", "fd00::1"),
    ])
    func `a host is a name or an address`(text: String, shown: String) {
        #expect(HostName(text)?.description == shown)
    }

    @Test(arguments: [
        "", ".", "a..b", "a.", "*", "*.example", "a:80", "::1", "[10.0.0.5]", "http://a", "a/b", "ä", "a b",
    ])
    func `anything else is no host`(text: String) {
        #expect(HostName(text) == nil)
    }

    private func refusal(
        _ headers: [(String, String)],
        at address: String = "127.0.0.1:8385",
        hosts: [String] = [],
        token: String? = nil,
        access: Endpoint.Access = .token
    ) throws -> ControlError.Code? {
        let plan = ListenPlan(
            address: try #require(ListenAddress(address)),
            serves: [.metrics],
            hosts: hosts.compactMap { HostName($0) },
            token: token.map(AccessToken.init)
        )
        let request = ControlRequest("GET", "/metrics", headers: headers.map { .init($0, $1) })
        do throws(ControlError) {
            try ListenerGuard(plan, PageSessions(nil)).check(request, access)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: [
        ("127.0.0.1:8385", "localhost"), ("127.0.0.1:8385", "LocalHost:9000"), ("127.0.0.1:8385", "127.0.0.1:8385"),
        ("127.0.0.1:8385", "[::1]:8385"), ("[::1]:8385", "[0:0:0:0:0:0:0:1]"), ("127.0.0.7:1", "127.0.0.7"),
        ("10.0.0.5:1", "10.0.0.5:1"), ("[fd00::1]:1", "[fd00::1]:1"), ("10.0.0.5:1", "media.example:443"),
        // At all addresses, each of them is one of the listener's.
        ("0.0.0.0:1", "192.0.2.7:1"), ("[::]:1", "[2001:db8::1]:1"), ("[::]:1", "192.0.2.7"),
    ])
    func `a host of the listener is served, with any port`(address: String, host: String) throws {
        #expect(try refusal([("Host", host)], at: address, hosts: ["media.example"]) == nil)
    }

    /// By a name that leads here, a web page could ask (DNS rebinding).
    @Test(arguments: [
        "", "evil.example", "evil.example:8385", "127.0.0.1.evil.example", "10.0.0.9", "[fd00::9]", "localhost.",
        "127.1",
        "2130706433", "0x7f000001", "localhost:80:80", "localhost:8a", "user@localhost", "[::1", "::1", "localhost/",
    ])
    func `any other host is misdirected`(host: String) throws {
        #expect(try refusal([("Host", host)]) == .misdirected)
        #expect(try refusal([("Host", "evil.example")], at: "0.0.0.0:1") == .misdirected)
    }

    @Test func `a request names one host, no more and no less`() throws {
        #expect(try refusal([]) == .misdirected)
        #expect(try refusal([("Host", "localhost"), ("Host", "localhost")]) == .misdirected)
    }

    @Test(arguments: [
        ("Origin", "null"), ("Origin", ""), ("Origin", "http://evil.example"), ("Origin", "http://localhost:1"),
        ("Origin", "localhost:8385"), ("Referer", "http://evil.example/localhost:8385"), ("Referer", "/x"),
        ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Site", ""),
    ])
    func `a request from a page of another host is refused`(field: String, value: String) throws {
        #expect(try refusal([("Host", "localhost:8385"), (field, value)]) == .foreign)
    }

    @Test(arguments: [
        ("Origin", "http://localhost:8385"), ("Origin", "https://LOCALHOST:8385"), ("Referer", "http://localhost:8385"),
        ("Referer", "http://localhost:8385/x?y#z"), ("Sec-Fetch-Site", "none"), ("Sec-Fetch-Site", "same-origin"),
        ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-For", "192.0.2.1"), ("Forwarded", "host=evil.example"),
    ])
    func `one of this host is not, and forwarded fields say nothing`(field: String, value: String) throws {
        #expect(try refusal([("Host", "localhost:8385"), (field, value)]) == nil)
        // They do not make another host a good one either.
        #expect(try refusal([("Host", "evil.example"), ("X-Forwarded-Host", "localhost")]) == .misdirected)
    }

    @Test(arguments: [
        "", "Bearer", "Bearer ", "Bearer wrong", "Bearer 0123456789abcde", "Bearer 0123456789abcdeff",
        "Basic 0123456789abcdef", "0123456789abcdef", "Bearer 0123456789abcdef x", "Bearer 0123456789ABCDEF",
    ])
    func `without the token, nothing is told that needs it`(value: String) throws {
        let token = "0123456789abcdef"
        let host = ("Host", "localhost")
        #expect(try refusal([host, ("Authorization", value)], token: token) == .unauthorized)
        #expect(try refusal([host], token: token) == .unauthorized)
        #expect(try refusal([host], token: token, access: .everybody) == nil)
        #expect(try refusal([host]) == nil)
    }

    @Test(arguments: ["Bearer 0123456789abcdef", "bearer  0123456789abcdef"])
    func `the token opens, once`(value: String) throws {
        let token = "0123456789abcdef"
        let (host, shown) = (("Host", "localhost"), ("Authorization", value))
        #expect(try refusal([host, shown], token: token) == nil)
        #expect(try refusal([host, shown, shown], token: token) == .unauthorized)
        // The host and the page come first: a stranger's page learns nothing of the token.
        #expect(try refusal([("Host", "evil.example"), shown], token: token) == .misdirected)
        #expect(try refusal([host, shown, ("Origin", "http://evil.example")], token: token) == .foreign)
        #expect(!"\(AccessToken(token))".contains(token))
    }

    @Test func `a router serves the endpoints of its parts alone`() async throws {
        let reload = Endpoint(.post, "/api/v1/reload") { _ in .text("") }
        let router = ControlRouter([
            .health, .readiness { Readiness(missingFolders: [], closedRecords: nil) },
            .manifest(LongAnswers()) { "/none" }, reload,
        ])
        func statuses(_ parts: Set<ServedPart>) async -> [Int] {
            var statuses: [Int] = []
            for (method, path) in [
                ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/api/v1/manifest"), ("POST", "/api/v1/reload"),
                ("POST", "/healthz"), ("HEAD", "/healthz"),
            ] {
                statuses.append(await router.serving(parts).answer(ControlRequest(method, path)).status)
            }
            return statuses
        }

        #expect(await statuses([.health]) == [200, 200, 404, 404, 405, 200])
        #expect(await statuses([.manifest]) == [404, 404, 200, 404, 404, 404])
        #expect(await statuses(Set(ServedPart.allCases)) == [200, 200, 200, 404, 405, 200])
        #expect(router.serving([.health]).access(ControlRequest("GET", "/readyz")) == .token)
        #expect(router.serving([.health]).access(ControlRequest("GET", "/healthz")) == .everybody)
        // What is not served is not told apart from what is not there.
        #expect(router.serving([.metrics]).access(ControlRequest("GET", "/healthz")) == .token)
    }
}
