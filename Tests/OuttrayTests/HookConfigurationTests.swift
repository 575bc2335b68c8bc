import Pipeline
import Providers
import SystemPackage
import Testing

@testable import outtray

@Suite struct HookConfigurationTests {
    private static let frame = """
        accounts: {main: {provider: postbreeze, api_key_env: KEY}}
        folders:
          inbox:
            path: /srv/inbox
            account: main

        """

    private func read(_ text: String) throws -> Configuration {
        try Configuration.read(text, file: "o.yaml", environment: ["HOME": "/h"])
    }

    private func problems(_ text: String) -> [String] {
        do throws(ConfigurationError) {
            _ = try Configuration.read(text, file: "o.yaml", environment: ["HOME": "/h"])
            return []
        } catch {
            return error.description.split(separator: "\n").map(String.init)
        }
    }

    @Test func `hooks of the top level are for all folders, those of a folder for its files`() throws {
        let configuration = try read(
            """
            on_uploaded:
              - {name: post, run: [/usr/local/bin/post, --now, "a b"]}
            on_blocked:
              - name: page
                webhook: https://hooks.example/x?token=y
                secret_file: /etc/outtray/page.secret
                timeout: 5s
                concurrency: 1
            \(Self.frame)
                on_ready: [{name: carousel, run: [/bin/true]}]
                on_rejected: [{name: tell, webhook: "http://127.0.0.1:9/", allow_private: true, secret_file: tell.secret}]
            """
        )

        let hooks = configuration.hooks
        #expect(hooks.map(\.name) == ["post", "page", "carousel", "tell"])
        #expect(hooks.map(\.trigger) == [.uploaded, .blocked, .ready, .rejected])
        #expect(hooks.map(\.folder) == [nil, nil, "inbox", "inbox"])
        #expect(hooks[0].action == .command(["/usr/local/bin/post", "--now", "a b"]))
        #expect(hooks[0].timeout == .seconds(30) && hooks[0].concurrency == 4)
        #expect(
            hooks[1].action
                == .webhook(
                    url: "https://hooks.example/x?token=y",
                    secret: .file("/etc/outtray/page.secret"),
                    allowsPrivate: false
                )
        )
        #expect(hooks[1].timeout == .seconds(5) && hooks[1].concurrency == 1)
        #expect(
            hooks[3].action
                == .webhook(url: "http://127.0.0.1:9/", secret: .credential("tell.secret"), allowsPrivate: true)
        )
    }

    static let mistakes: [(line: String, words: String)] = [
        ("on_uploaded: /bin/true", "on_uploaded: must be a list of hooks"),
        ("on_uploaded: {name: a, run: [/bin/true]}", "on_uploaded: must be a list of hooks"),
        ("on_uploaded: [/bin/true]", "on_uploaded[0]: must be a mapping"),
        ("on_uploaded: [{run: [/bin/true]}]", "on_uploaded[0]: name is missing"),
        ("on_uploaded: [{name: \"\", run: [/bin/true]}]", "on_uploaded[0].name: must be"),
        ("on_uploaded: [{name: \" a\", run: [/bin/true]}]", "on_uploaded[0].name: a name neither begins"),
        ("on_uploaded: [{name: a}]", "on_uploaded[0]: give run (a command) or webhook"),
        ("on_uploaded: [{name: a, run: [/bin/true], webhook: \"https://x.example\"}]", "give one of run and webhook"),
        ("on_uploaded: [{name: a, run: /bin/post --now}]", "no shell reads it, so write [/bin/post, --now]"),
        ("on_uploaded: [{name: a, run: []}]", "on_uploaded[0].run: must be a list"),
        ("on_uploaded: [{name: a, run: [post]}]", "on_uploaded[0].run[0]: must be the absolute path"),
        ("on_uploaded: [{name: a, run: [/bin/post, [x]]}]", "on_uploaded[0].run[1]: must be a text"),
        ("on_uploaded: [{name: a, run: [/bin/true], secret_file: /x}]", "on_uploaded[0].secret_file: belongs to"),
        ("on_uploaded: [{name: a, run: [/bin/true], allow_http: true}]", "on_uploaded[0].allow_http: belongs to"),
        ("on_uploaded: [{name: a, run: [/bin/true], timeout: 30}]", "give it a unit, as 30s"),
        (
            "on_uploaded: [{name: a, run: [/bin/true], timeout: 0s}]",
            "on_uploaded[0].timeout: must be a duration from 1s"
        ),
        (
            "on_uploaded: [{name: a, run: [/bin/true], timeout: 2h}]",
            "on_uploaded[0].timeout: must be a duration from 1s"
        ),
        ("on_uploaded: [{name: a, run: [/bin/true], concurrency: 17}]", "a number from 1 to 16"),
        ("on_uploaded: [{name: a, run: [/bin/true], retries: 3}]", "on_uploaded[0].retries: unknown key"),
        ("on_uploaded: [{name: a, webhook: \"http://x.example/\"}]", "on_uploaded[0].webhook: plain http://"),
        ("on_uploaded: [{name: a, webhook: \"https://10.0.0.1/\"}]", "allow_private: true lets requests go there"),
        ("on_uploaded: [{name: a, webhook: [x]}]", "on_uploaded[0].webhook: must be an https://"),
        ("on_uploaded: [{name: a, webhook: \"https://x.example\", secret_file: a/b}]", "[0].secret_file: must be"),
        ("on_upload: []", "unknown key; did you mean on_uploaded?"),
        ("on_folder_redy: []", "did you mean on_folder_ready?"),
    ]

    @Test(arguments: mistakes)
    func `a mistake is told at its place`(line: String, words: String) {
        let told = problems("\(line)\n\(Self.frame)")

        #expect(told.count == 1, "\(told)")
        #expect(told.first?.hasPrefix("o.yaml:1:") == true && told.first?.contains(words) == true, "\(told)")
    }

    @Test func `a password in a webhook's URL is not quoted`() {
        let told = problems("on_uploaded: [{name: a, webhook: \"http://x.example/s3cret\"}]\n\(Self.frame)")

        #expect(told.count == 1 && told.first?.contains("s3cret") == false)
    }

    @Test func `each hook needs a name of its own, in whichever folder it stands`() {
        let told = problems(
            """
            on_uploaded: [{name: post, run: [/bin/true]}]
            \(Self.frame)
                on_ready: [{name: post, run: [/bin/true]}]
            """
        )

        #expect(told.count == 1)
        #expect(
            told.first?.contains("folders.inbox.on_ready[0].name: another hook is named \"post\"") == true,
            "\(told)"
        )
    }

    @Test func `a folder has no account to block`() {
        let told = problems("\(Self.frame)    on_blocked: [{name: a, run: [/bin/true]}]\n")

        #expect(told.first?.contains("folders.inbox.on_blocked: unknown key") == true, "\(told)")
    }
}
