import SystemPackage
import Testing

@testable import outtray

/// Each fault is told with its line, its column, its key, and what would be right.
@Suite struct ConfigurationProblemTests {
    /// The problems of a text, as a person reads them.
    private func problems(_ text: String) -> [String] {
        do throws(ConfigurationError) {
            _ = try Configuration.read(text, file: "o.yaml", environment: ["HOME": "/h"])
            return []
        } catch {
            return error.description.split(separator: "\n").map(String.init)
        }
    }

    /// An account with one more line, which is line 5.
    private func account(_ line: String) -> [String] {
        problems("accounts:\n  main:\n    provider: postbreeze\n    api_key_env: KEY\n    \(line)\n")
    }

    /// A folder with one more line, which is line 5.
    private func folder(_ line: String) -> [String] {
        problems("folders:\n  inbox:\n    path: /srv/inbox\n    account: main\n    \(line)\n")
    }

    @Test func `an unknown key is told with the one that was meant`() {
        #expect(folder("setle: 2s") == ["o.yaml:5:5: folders.inbox.setle: unknown key; did you mean settle?"])
        #expect(account("ratee: [1/1s]") == ["o.yaml:5:5: accounts.main.ratee: unknown key; did you mean rate?"])
        #expect(
            problems("folderz: {}") == ["o.yaml:1:1: folderz: unknown key; did you mean folders?"]
        )
    }

    @Test func `an unknown key that is like no other is told with those there are`() {
        #expect(
            problems("webhooks: 1")
                == [
                    "o.yaml:1:1: webhooks: unknown key; known here: state_dir, manifest, accounts, "
                        + "on_uploaded, on_ready, on_rejected, on_folder_ready, on_blocked, ignore_case, folders, "
                        + "listen, fleet, shutdown_timeout, bandwidth"
                ]
        )
    }

    @Test(arguments: ["account_id", "company_urn", "workspace_id", "folder_id"])
    func `a provider's own key is known to accounts of every provider, and a bad value is told once`(key: String) {
        for provider in ["postbreeze", "connectsafely", "sandbox"] {
            func account(_ line: String) -> [String] {
                problems("accounts:\n  main:\n    provider: \(provider)\n    api_key_env: KEY\n    \(line)\n")
            }

            #expect(account("\(key): x") == [])
            #expect(account("\(key): [x]").count == 1)
            #expect(account("\(key): [x]").first?.contains("accounts.main.\(key): must be a text") == true)
            #expect(account("\(key)s: x").first?.hasSuffix("unknown key; did you mean \(key)?") == true)
        }
    }

    @Test func `a key that two ask for has one problem, and is one of the known keys`() throws {
        var mapping = ConfigurationMapping(try ConfigurationNode.root(ofYAML: "account_id: [x]\nunknown: 1\n"))

        #expect(mapping.text("account_id") == nil && mapping.text("account_id") == nil)
        let reasons = mapping.finish().map(\.reason)

        #expect(reasons.count == 2)
        #expect(reasons.last == "unknown key; known here: account_id")
    }

    static let values = [
        ("recursive: maybe", "recursive", 16), ("recursive: [true]", "recursive", 16), ("settle: 2", "settle", 13),
        ("settle: 2 s", "settle", 13), ("settle: -2s", "settle", 13), ("settle_renamed: 1.5s", "settle_renamed", 21),
        ("settle: {default: 2}", "settle.default", 23), ("settle: {\"*.pdf\": soon}", "settle.*.pdf", 23),
        ("min_age: 30", "min_age", 14), ("done_suffix: done", "done_suffix", 18),
        ("done_suffix: \"*.done\"", "done_suffix", 18), ("done_suffix: [.done]", "done_suffix", 18),
        ("ignore: x", "ignore", 13), ("after_upload: burn", "after_upload", 19),
        ("after_upload: {move: done}", "after_upload.move", 26), ("limits: 5GB", "limits", 13),
        ("limits: {video: big}", "limits.video", 21), ("limits: {video: -1GB}", "limits.video", 21),
    ]

    @Test(arguments: values)
    func `a bad value is told where it stands`(line: String, key: String, column: Int) {
        let problems = folder(line)

        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("o.yaml:5:\(column): folders.inbox.\(key): must be ") == true, "\(problems)")
    }

    static let accountValues = [
        ("concurrency: 0", "concurrency", 18), ("concurrency: 65", "concurrency", 18),
        ("concurrency: four", "concurrency", 18),
        ("rate: 60/60s", "rate", 11), ("rate: []", "rate", 11), ("rate: [60]", "rate[0]", 12),
        ("rate: [0/60s]", "rate[0]", 12),
        ("rate: [60/60s, 5/0s]", "rate[1]", 20), ("rate: [60/60]", "rate[0]", 12), ("rate: [1/1s/1s]", "rate[0]", 12),
        ("limits: {video: 5XB}", "limits.video", 21),
        ("account_id: [1]", "account_id", 17),
        ("upload_hosts: a.example", "upload_hosts", 19), ("upload_hosts: []", "upload_hosts", 19),
        ("upload_hosts: [https://a.example]", "upload_hosts[0]", 20),
        ("upload_hosts: [a.example, b.example/x]", "upload_hosts[1]", 31),
        ("upload_hosts: [\"*\"]", "upload_hosts[0]", 20), ("upload_hosts: [{a: b}]", "upload_hosts[0]", 20),
    ]

    @Test(arguments: accountValues)
    func `a bad value of an account is told where it stands`(line: String, key: String, column: Int) {
        let problems = account(line)

        #expect(problems.contains { $0.hasPrefix("o.yaml:5:\(column): accounts.main.\(key): must be ") }, "\(problems)")
    }

    @Test(arguments: [
        "https://api.example", "https://api.example:8443/v1", "http://localhost:4100/api", "http://127.0.0.1:80",
        "http://127.8.9.10/x", "http://[::1]:4100",
    ])
    func `https goes anywhere, plain http to this machine`(url: String) {
        #expect(account("base_url: \"\(url)\"") == [])
    }

    @Test(arguments: [
        "http://api.example", "http://127.0.0.1.evil.example/api", "http://127.0.0.1.evil", "http://127.0.0.256",
        "http://127.1", "http://127.+0.0.1", "http://127..0.0.1", "http://localhost.evil.example", "http://[::2]",
        "http://[::1].evil",
        "http://localhost@evil.example", "https://user:pass@api.example", "https://api.example/?key=pass",
        "https://api.example/#pass",
        "ftp://api.example", "api.example", "https://", "https://:80", "https://api.example:port",
        "https://api.example\\tx", "https://api.example\\\\x",
    ])
    func `any other address is refused, and what may be a secret in it is not repeated`(url: String) {
        let problems = account("base_url: \"\(url)\"")

        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("o.yaml:5:15: accounts.main.base_url: must be an https:// address") == true)
        #expect(problems.first?.contains("pass") == false)
    }

    @Test func `plain http goes elsewhere only where it is allowed in so many words`() {
        #expect(account("base_url: http://nas.example\n    allow_http: true") == [])
        #expect(account("base_url: http://nas.example\n    allow_http: false").count == 1)
        #expect(account("base_url: http://user:pass@nas.example\n    allow_http: true").count == 1)
    }

    @Test func `an account has one key`() {
        let reason = "give one of api_key_file, api_key_env and api_key"
        #expect(account("api_key: pb_live_x") == ["o.yaml:3:5: accounts.main: \(reason)"])
    }

    @Test func `an account has a provider that there is`() {
        let names = "postbreeze, connectsafely, sandbox"
        #expect(
            problems("accounts:\n  main:\n    api_key_env: K\n") == [
                "o.yaml:3:5: accounts.main: provider is missing: \(names)"
            ]
        )
        #expect(
            problems("accounts:\n  main:\n    provider: dropbox\n    api_key_env: K\n")
                == ["o.yaml:3:15: accounts.main.provider: must be one of \(names), not \"dropbox\""]
        )
    }

    @Test func `a folder has a path and an account`() {
        #expect(
            problems("folders:\n  inbox:\n    recursive: true\n")
                == ["o.yaml:3:5: folders.inbox: path is missing", "o.yaml:3:5: folders.inbox: account is missing"]
        )
        #expect(
            problems("folders:\n  inbox:\n    path: inbox\n    account: a\n").first?.hasPrefix(
                "o.yaml:3:11: folders.inbox.path: must be an absolute path"
            ) == true
        )
    }

    @Test(arguments: ["mode: 0444", "mode: 0888", "mode: 01644", "mode: rw"])
    func `the manifest's mode lets its owner write`(line: String) {
        #expect(
            problems("manifest:\n  \(line)").first?.hasPrefix(
                "o.yaml:2:9: manifest.mode: must be a permission in octal"
            ) == true
        )
    }

    @Test func `manifest and journal are two files`() {
        #expect(
            problems("manifest:\n  path: /m\n  journal: //./m\n") == [
                "o.yaml:2:3: manifest: path and journal must be two files"
            ]
        )
    }

    @Test func `a key that is given twice is an error`() {
        let problems = problems("state_dir: /a\nfolders: {}\nstate_dir: /b\n")

        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("o.yaml:1:1: this mapping has a key twice: state_dir") == true, "\(problems)")
    }

    @Test(arguments: ["a: [1", "a: b: c", "\ta: 1", "a: 'x"])
    func `what is not YAML is told with its place`(text: String) {
        let problems = problems(text)

        #expect(problems.count == 1)
        #expect(
            problems.first?.hasPrefix("o.yaml:1:") == true || problems.first?.hasPrefix("o.yaml:2:") == true,
            "\(problems)"
        )
        #expect(problems.first?.contains(": this is not YAML: ") == true)
    }

    @Test(arguments: [
        "[1, 2]", "text", "accounts: [main]", "accounts: {main: 7}", "folders: {inbox: []}", "manifest: x",
    ])
    func `what should be a mapping and is not is told`(text: String) {
        #expect(problems(text).contains { $0.contains("must be a mapping") }, "\(problems(text))")
    }

    @Test func `all problems are told together, in the order of the stages`() {
        let problems = problems(
            """
            state_dir: here
            manifest: {interval: often}
            accounts:
              main: {provider: postbreeze, api_key_env: K, concurrency: 99}
            folders:
              inbox: {path: /in, account: main, settle: 2}
            colour: blue
            """
        )

        let keys = problems.compactMap { $0.split(separator: ": ").dropFirst().first }
        let expected = [
            "state_dir", "manifest.interval", "accounts.main.concurrency", "folders.inbox.settle", "colour",
        ]
        #expect(Set(keys.map(String.init)).isSuperset(of: expected), "\(problems)")
    }
}
