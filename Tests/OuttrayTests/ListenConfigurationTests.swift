import Control
import Foundation
import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import outtray

@Suite struct ListenConfigurationTests {
    private static let frame = """
        accounts: {main: {provider: postbreeze, api_key_env: KEY}}
        folders: {inbox: {path: /srv/inbox, account: main}}

        """

    private func read(_ text: String) throws -> Configuration {
        try Configuration.read("\(text)\n\(Self.frame)", file: "o.yaml", environment: ["HOME": "/h"])
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try read(text)
            return []
        } catch {
            return "\(error)".split(separator: "\n").map(String.init)
        }
    }

    @Test func `nothing listens unless the file says so`() throws {
        #expect(try read("").listen == nil)
        #expect(try read("listen:").listen == nil)
    }

    @Test func `a full listener reads to what it says, and a short one is for this machine alone`() throws {
        let listen = try #require(
            try read(
                """
                listen:
                  address: "[::]:9000"
                  serve: [metrics, health, manifest]
                  token_file: /etc/outtray/listen.token
                  tls: {certificate: /etc/tls/fullchain.pem, key: tls.key}
                  behind_proxy: true
                  hosts: [Media.example, 10.0.0.5, "[fd00::1]"]
                """
            ).listen
        )
        #expect(listen.address == ListenAddress("[::]:9000"))
        #expect(listen.serves == [.metrics, .health, .manifest])
        #expect(listen.token == .file("/etc/outtray/listen.token"))
        #expect(listen.tls?.certificate == .file("/etc/tls/fullchain.pem") && listen.tls?.key == .credential("tls.key"))
        #expect(listen.isBehindProxy)
        #expect(listen.hosts.map(\.description) == ["media.example", "10.0.0.5", "fd00::1"])

        let short = try #require(try read("listen: {serve: [metrics]}").listen)
        #expect(short.address.description == "127.0.0.1:8385" && short.serves == [.metrics])
        #expect(short.token == nil && short.tls == nil && !short.isBehindProxy && short.hosts.isEmpty)
    }

    static let mistakes: [(line: String, words: String)] = [
        ("listen: true", "listen: must be a mapping"),
        ("listen: {}", "listen: serve is missing: a list of page, metrics, health, manifest"),
        ("listen: {adress: 127.0.0.1:1, serve: [health]}", "listen.adress: unknown key; did you mean address?"),
        ("listen: {serve: metrics}", "listen.serve: must be a list of page, metrics"),
        ("listen: {serve: []}", "listen.serve: must be a list of page, metrics"),
        ("listen: {serve: [pages]}", "listen.serve[0]: must be one of page, metrics, health, manifest, not \"pages\""),
        ("listen: {serve: [health, [x]]}", "listen.serve[1]: must be one of"),
        ("listen: {serve: [health, health]}", "listen.serve[1]: stands twice"),
        ("listen: {address: 8385, serve: [health]}", "not \"8385\": give both, as in 127.0.0.1:8385"),
        ("listen: {address: \":8385\", serve: [health]}", "give both, as in 127.0.0.1:8385"),
        ("listen: {address: 127.0.0.1, serve: [health]}", "give both, as in"),
        ("listen: {address: localhost:8385, serve: [health]}", "a name may have several addresses"),
        ("listen: {address: 127.0.0.1:0, serve: [health]}", "a port is a number from 1 to 65535"),
        ("listen: {address: 127.0.0.1:65536, serve: [health]}", "a port is a number from 1 to 65535"),
        ("listen: {address: \"::1:8385\", serve: [health]}", "an IPv6 address stands in brackets"),
        ("listen: {address: \"http://127.0.0.1:8385\", serve: [health]}", "without http:// and path"),
        ("listen: {serve: [health], token_file: a/b}", "listen.token_file: must be an absolute path, or the name"),
        ("listen: {serve: [health], tls: /etc/tls.pem}", "listen.tls: must be a mapping"),
        ("listen: {serve: [health], tls: {key: /k}}", "listen.tls: certificate is missing"),
        ("listen: {serve: [health], tls: {certificate: /c}}", "listen.tls: key is missing"),
        ("listen: {serve: [health], tls: {certificate: /c, key: /k, ca: /x}}", "listen.tls.ca: unknown key"),
        ("listen: {serve: [health], behind_proxy: perhaps}", "listen.behind_proxy: must be true or false"),
        ("listen: {serve: [health], hosts: media.example}", "listen.hosts: must be a list of hosts"),
        ("listen: {serve: [health], hosts: [\"media.example:443\"]}", "listen.hosts[0]: must be a name or address"),
        ("listen: {serve: [health], hosts: [\"*.example\"]}", "not \"*.example\""),
    ]

    @Test(arguments: mistakes)
    func `a mistake is told at its place, once`(line: String, words: String) {
        let told = problems(line)

        #expect(told.count == 1, "\(told)")
        #expect(told.first?.hasPrefix("o.yaml:1:") == true && told.first?.contains(words) == true, "\(told)")
    }

    /// YAML begins a list there.
    @Test(arguments: [
        "listen:\n  address: [::1]:8385\n  serve: [health]", "listen: {address: [fd00::1]:80, serve: [health]}",
        "listen: {serve: [health], address: [::1]:8385}",
    ])
    func `an IPv6 address without quotation marks is told with them`(text: String) {
        let told = problems(text)
        #expect(told.count == 1 && told[0].contains("this is not YAML"), "\(told)")
        let begin = "what begins with [ stands in quotation marks: address: \"["
        #expect(told.first?.contains(begin) == true && told.first?.hasSuffix("\"") == true, "\(told)")
    }

    @Test func `a secret in place of a file's name is not quoted`() {
        let told = problems("listen: {serve: [health], token_file: s3cret/token}")
        #expect(told.count == 1 && told.first?.contains("s3cret") == false)
    }

    @Test(arguments: ["127.0.0.1:1", "127.255.255.254:1", "[::1]:1", "[::ffff:127.0.0.1]:1", "[::ffff:7f12:3456]:1"])
    func `what only this machine reaches needs neither token nor TLS`(address: String) throws {
        #expect(try read("listen: {address: \"\(address)\", serve: [health]}").listen != nil)
    }

    @Test func `the page needs no token, as links open it, but TLS or a proxy where others reach it`() throws {
        let address = "address: 10.0.0.5:1"
        #expect(try read("listen: {\(address), serve: [page], behind_proxy: true}").listen?.serves == [.page])
        let told = problems("listen: {\(address), serve: [page]}")
        #expect(told.first?.contains("give tls (or behind_proxy: true);") == true, "\(told)")
        let both = problems("listen: {\(address), serve: [page, health], behind_proxy: true}")
        #expect(both.first?.contains("give token_file;") == true, "\(both)")
    }

    @Test(arguments: [
        "0.0.0.0:1", "[::]:1", "[::ffff:0.0.0.0]:1", "10.0.0.5:1", "192.168.1.2:1", "[fe80::1]:1", "[fd00::1]:1",
        "[::ffff:10.0.0.5]:1", "[::127.0.0.1]:1", "128.0.0.1:1", "[::2]:1",
    ])
    func `what others reach needs a token, and TLS or a proxy`(address: String) throws {
        func told(_ more: String) -> [String] { problems("listen: {address: \"\(address)\", serve: [health]\(more)}") }
        let tls = ", tls: {certificate: /c, key: /k}"

        #expect(told("").first?.contains("give token_file and tls (or behind_proxy: true)") == true, "\(told(""))")
        #expect(told(tls).first?.contains("give token_file;") == true, "\(told(tls))")
        #expect(told(", token_file: /t").first?.contains("give tls (or behind_proxy: true);") == true)
        #expect(told(", token_file: /t, behind_proxy: false").count == 1)
        #expect(told(", token_file: /t, behind_proxy: true").isEmpty)
        #expect(told(", token_file: /t\(tls)").isEmpty)
    }

    // MARK: What the machine must have

    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try directory.makeDirectory("in")
        try directory.makeDirectory("state")
        try secret("key", "pb_live_secret\n")
        try secret("token", "0123456789abcdef\n")
    }

    private func secret(_ name: String, _ text: String) throws {
        try directory.write(name, text)
        try directory.setMode(of: name, to: 0o600)
    }

    /// The plan, or the places and reasons of the problems; `@` stands for the directory.
    private func check(
        _ listen: String,
        more: String = "",
        environment: [String: String] = [:],
        needsSocket: Bool = true
    ) throws -> (plan: ListenPlan?, problems: [String]) {
        let text = """
            state_dir: @/state
            accounts: {main: {provider: postbreeze, api_key_file: @/key}}
            folders: {inbox: {path: @/in, account: main}}
            listen: {serve: [health], \(listen)}
            \(more)
            """.replacingOccurrences(of: "@", with: directory.path.string)
        let configuration = try Configuration.read(text, file: "o.yaml", environment: ["HOME": "/h"])
        let checks = ConfigurationChecks(
            configuration: configuration,
            environment: environment,
            probe: FolderProbe.look(at: configuration.folders)
        )
        do throws(ConfigurationError) {
            let outcome = try checks.run(file: "o.yaml", needsFolders: true, needsSocket: needsSocket)
            return (outcome.listen, [])
        } catch {
            let reasons = error.problems.map { "\($0.key): \($0.reason)" }
            return (nil, reasons.map { $0.replacingOccurrences(of: directory.path.string, with: "@") })
        }
    }

    @Test func `the token is that of the file at this moment`() throws {
        let first = try check("token_file: @/token").plan
        #expect(first?.token == AccessToken("0123456789abcdef"))
        try secret("token", "another-token-of-27-letters")
        let second = try check("token_file: @/token").plan
        #expect(second?.token == AccessToken("another-token-of-27-letters") && first != second)
        #expect(try check("").plan?.token == nil)
    }

    @Test func `a token that is short, missing or open to all is told, where something is to listen`() throws {
        try secret("short", "0123456789abcde")
        try directory.write("open", "0123456789abcdef")
        try directory.setMode(of: "open", to: 0o644)
        let short = try check("token_file: @/short").problems
        #expect(short.count == 1 && short[0].hasPrefix("listen.token_file: the token has 15 bytes, and at least 16"))
        #expect(!short[0].contains("0123"))
        #expect(try check("token_file: @/open").problems.first?.contains("can be read by every user") == true)
        #expect(try check("token_file: @/none").problems.first?.contains("cannot be read") == true)
        #expect(
            try check("token_file: listen.token").problems.first?.contains("give token_file as an absolute path")
                == true
        )
        let credentials = ["CREDENTIALS_DIRECTORY": directory.path.string]
        #expect(try check("token_file: token", environment: credentials).plan?.token != nil)
        // A pass has no listener, and its user may not read the token.
        #expect(try check("token_file: @/none", needsSocket: false).problems.isEmpty)
    }

    @Test func `a certificate and its key are read, and told where they do not fit`() throws {
        let certificates = try TestCertificates()
        try directory.write("good.pem", certificates.certificate(.good))
        try secret("good.key", certificates.key(.good))
        try secret("other.key", certificates.key(.selfSigned))
        try secret("locked.key", certificates.lockedKey)
        try directory.write("open.key", certificates.key(.good))
        try directory.setMode(of: "open.key", to: 0o644)
        func told(_ certificate: String, _ key: String) throws -> String {
            let problems = try check("tls: {certificate: \(certificate), key: \(key)}").problems
            #expect(problems.count == 1, "\(problems)")
            return problems.first ?? ""
        }

        #expect(try check("tls: {certificate: @/good.pem, key: @/good.key}").plan?.certificate != nil)
        #expect(try told("@/none", "@/good.key").hasPrefix("listen.tls.certificate: @/none cannot be read"))
        #expect(try told("@/token", "@/good.key").hasPrefix("listen.tls.certificate: @/token holds no certificate"))
        #expect(try told("@/good.pem", "@/open.key").hasPrefix("listen.tls.key: @/open.key can be read by every user"))
        #expect(try told("@/good.pem", "@/token").hasPrefix("listen.tls.key: @/token holds no key in PEM"))
        #expect(try told("@/good.pem", "@/locked.key").contains("or one with a passphrase"))
        #expect(try told("@/good.pem", "@/other.key").contains("is not the key of the certificate in @/good.pem"))
        #expect(try told("tls.pem", "@/good.key").contains("give tls.certificate as an absolute path"))
    }

    @Test func `the manifest does not take the place of the listener's files`() throws {
        for (file, words) in [
            ("token", "is the listener's token"), ("c", "is the listener's certificate"),
            ("k", "is the key of the listener's certificate"),
        ] {
            let problems = try check(
                "token_file: @/token, tls: {certificate: @/c, key: @/k}",
                more: "manifest: {path: @/\(file)}"
            ).problems
            #expect(problems.contains { $0.hasPrefix("manifest.path:") && $0.contains(words) }, "\(problems)")
        }
    }

    @Test func `an account's key that is no credential here is not told in the words of another secret`() throws {
        let hook = "on_uploaded: [{name: a, webhook: \"https://x.example\", secret_file: a.secret}]"
        let told = try check("", more: hook).problems
        #expect(told.count == 1 && told[0].contains("give secret_file as an absolute path"), "\(told)")
    }

    @Test func `days are whole, and none is left of what has ended`() {
        let now = Timestamp(milliseconds: 1_000_000_000_000)
        func days(_ hours: Int64) -> Int64 { Doctor.days(from: now, to: now.advanced(by: .seconds(hours * 3600))) }
        #expect([days(-1), days(0), days(23), days(24), days(49)] == [-1, 0, 0, 1, 2])
    }
}
