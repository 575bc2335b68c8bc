import Pipeline
import SystemPackage
import Testing
import Watch

@testable import Providers
@testable import outtray

@Suite struct ConfigurationTests {
    private let environment = ["HOME": "/home/ada"]

    private func read(_ text: String, _ environment: [String: String]? = nil) throws -> Configuration {
        try Configuration.read(text, file: "outtray.yaml", environment: environment ?? self.environment)
    }

    static let full = """
        state_dir: /var/lib/outtray
        shutdown_timeout: 45s
        manifest:
          path: /srv/out/all.json
          journal: /srv/out/all.log
          interval: 5s
          keep_gone: 30d
          mode: 0640
        accounts:
          main:
            provider: postbreeze
            base_url: https://api.postbreeze.example/api/v1
            api_key_file: /etc/outtray/main.key
            concurrency: 8
            rate: [30/60s, 500/15m]
            limits: {image: 5MB, video: 1GiB}
            upload_hosts: ["*.r2.cloudflarestorage.com", 10.0.0.5:9000]
          linkedin:
            provider: connectsafely
            api_key_env: LINKEDIN_KEY
            account_id: 696ce9e780e0483585e4e553
        folders:
          inbox:
            path: /srv/inbox/
            account: main
            recursive: false
            settle: {"*.mov": 1m, default: 10s, "*.pdf": 0s}
            min_age: 30s
            done_suffix: .done
            settle_renamed: 0s
            ignore: ["*.draft.*"]
            sidecars: ["*.txt", "*.xmp"]
            limits: {video: 500MB}
            after_upload: {move: /srv/done}
          drop:
            path: /srv/./drop
            account: linkedin
            after_upload: delete
        """

    @Test func `a folder is watched as its file system wants, and polled every two seconds, unless it says otherwise`()
        throws
    {
        func folder(_ lines: String) throws -> FolderPlan {
            let account = "accounts: {main: {provider: sandbox, api_key: k}}"
            let configuration = try read("\(account)\nfolders: {in: {path: /in, account: main\(lines)}}")
            return try #require(configuration.folders.first.flatMap(configuration.plan))
        }

        #expect(try folder("").watched.options == WatchOptions(mode: .auto, pollInterval: .seconds(2)))
        let polled = try folder(", watch: poll, poll_interval: 100ms")
        #expect(polled.watched.options == WatchOptions(mode: .poll, pollInterval: .milliseconds(100)))
        #expect(try folder(", watch: inotify, poll_interval: 1h").pollInterval == .seconds(3600))
        for interval in ["99ms", "61m", "0s"] {
            let error = #expect(throws: ConfigurationError.self) { _ = try folder(", poll_interval: \(interval)") }
            #expect(error?.description.contains("must be a duration from 100ms to 60m, such as 2s") == true)
        }
    }

    @Test func `uploads have ten seconds to finish, unless the file says otherwise, and ten minutes at most`() throws {
        #expect(try read("").shutdownTimeout == .seconds(10))
        #expect(try read("shutdown_timeout: 0s").shutdownTimeout == .zero)
        #expect(try read("shutdown_timeout: 10m").shutdownTimeout == .seconds(600))
        let error = #expect(throws: ConfigurationError.self) { _ = try read("shutdown_timeout: 601s") }
        #expect(error?.description.contains("of 10m at most, not \"601s\"") == true)
    }

    @Test func `a full file reads to what it says`() throws {
        let configuration = try read(Self.full)

        #expect(configuration.stateDirectory == "/var/lib/outtray")
        #expect(configuration.shutdownTimeout == .seconds(45))
        #expect(configuration.manifest.path == "/srv/out/all.json")
        #expect(configuration.manifest.journal == "/srv/out/all.log")
        #expect(configuration.manifest.interval == .seconds(5))
        #expect(configuration.manifestPlan.keepGone == .seconds(30 * 86_400))
        #expect(configuration.manifest.mode == [.ownerReadWrite, .groupRead])
        let main = try #require(configuration.account("main"))
        #expect(main.provider == .known(.postbreeze))
        #expect(main.settings.connection.baseURL == "https://api.postbreeze.example/api/v1")
        #expect(main.key == .file("/etc/outtray/main.key"))
        #expect(main.concurrency == 8)
        #expect(main.rate == [CallRate(calls: 30, window: .seconds(60)), CallRate(calls: 500, window: .seconds(900))])
        #expect(main.limits[.image] == ByteCount(5_000_000))
        #expect(
            main.settings.connection.uploadHosts.map(\.description) == ["*.r2.cloudflarestorage.com", "10.0.0.5:9000"]
        )
        #expect(main.limits[.video] == ByteCount(1 << 30))
        let linkedin = try #require(configuration.account("linkedin"))
        #expect(linkedin.provider == .known(.connectsafely))
        #expect(linkedin.key == .environment("LINKEDIN_KEY"))
        #expect(linkedin.settings.connection.uploadHosts.isEmpty)
        #expect(linkedin.targets == ["account_id": "696ce9e780e0483585e4e553"])
        #expect(configuration.folders.map(\.name) == ["inbox", "drop"])
        let inbox = configuration.folders[0]
        #expect(inbox.path == "/srv/inbox")
        #expect(inbox.account == "main")
        #expect(!inbox.recursive)
        #expect(inbox.settle == .seconds(10))
        #expect(inbox.settleTimes.map(\.pattern) == ["*.mov", "*.pdf"])
        #expect(inbox.settleTimes.map(\.settle) == [.seconds(60), .zero])
        #expect(inbox.settleRenamed == .zero)
        #expect(inbox.minAge == .seconds(30))
        #expect(inbox.done == DoneSuffix(".done"))
        #expect(inbox.ignore == ["*.draft.*"])
        #expect(inbox.sidecars == ["*.txt", "*.xmp"])
        #expect(inbox.limits[.video] == ByteCount(500_000_000))
        #expect(inbox.afterUpload == .move("/srv/done"))
        #expect(configuration.folders[1].path == "/srv/drop")
        #expect(configuration.folders[1].afterUpload == .delete)
    }

    @Test func `what is not said has its default`() throws {
        let configuration = try read(
            """
            accounts:
              main: {provider: postbreeze, api_key_env: KEY}
              try: {provider: sandbox}
            folders:
              inbox: {path: /srv/inbox, account: main}
            """
        )

        #expect(configuration.stateDirectory == "/home/ada/.local/state/outtray")
        #expect(configuration.manifest.path == "/home/ada/.local/state/outtray/manifest.json")
        #expect(configuration.manifest.journal == "/home/ada/.local/state/outtray/manifest.ndjson")
        #expect(configuration.manifest.interval == .seconds(1))
        #expect(configuration.manifestPlan.keepGone == nil)
        #expect(configuration.manifest.mode == FilePermissions(rawValue: 0o644))
        let main = try #require(configuration.account("main"))
        #expect(main.settings.connection.baseURL == "https://api.postbreeze.ai/api/v1")
        #expect(main.concurrency == 4)
        #expect(main.rate == [CallRate(calls: 60, window: .seconds(60)), CallRate(calls: 1000, window: .seconds(900))])
        #expect(main.limits[.document] == ByteCount(100_000_000))
        #expect(configuration.account("try")?.settings.connection.baseURL == "http://localhost:4100/api/v1")
        let inbox = try #require(configuration.folders.first)
        #expect(inbox.recursive)
        #expect(inbox.settle == .seconds(2))
        #expect(inbox.settleRenamed == .milliseconds(250))
        #expect(inbox.settleTimes.isEmpty && inbox.minAge == .zero && inbox.done == nil)
        #expect(inbox.ignore.isEmpty)
        #expect(inbox.sidecars.isEmpty)
        #expect(inbox.afterUpload == .keep)
    }

    @Test func `an account's settings are its provider's, with the keys that are this provider's`() throws {
        let keys = "account_id: a, company_urn: c, workspace_id: w, folder_id: f"
        let configuration = try read(
            "accounts: {p: {provider: postbreeze, \(keys)}, c: {provider: connectsafely, \(keys)}, s: {provider: sandbox}}"
        )

        let postbreeze = try #require(configuration.account("p")?.settings as? Postbreeze.Settings)
        #expect(postbreeze.workspaceID == "w" && postbreeze.folderID == "f")
        #expect(postbreeze.targets == ["workspace_id": "w"])
        let connectsafely = try #require(configuration.account("c")?.settings as? ConnectSafely.Settings)
        #expect(connectsafely.accountID == "a" && connectsafely.companyURN == "c")
        #expect(connectsafely.targets == ["account_id": "a", "company_urn": "c"])
        #expect(configuration.account("s")?.settings is Postbreeze.Settings)
    }

    @Test func `a folder has one set of rules, for its watch and for files pushed by name`() throws {
        let configuration = try read(Self.full)
        let inbox = try #require(configuration.folders.first)
        let main = try #require(configuration.account("main"))

        let plan = try #require(configuration.plan(of: inbox))

        let ignore = IgnoreRules(adding: ["*.draft.*"])
        #expect(
            plan.watched
                == WatchedFolder(
                    name: "inbox",
                    path: "/srv/inbox",
                    recursive: false,
                    ignore: ignore,
                    sidecars: NamePatterns(["*.txt", "*.xmp"]),
                    done: DoneSuffix(".done")
                )
        )
        #expect(plan.account == "main" && plan.afterUpload == .move("/srv/done"))
        #expect(plan.settle == .seconds(10) && plan.settleRenamed == .zero)
        #expect(plan.settle(for: "/srv/inbox/a.mov") == .seconds(60) && plan.settle(for: "/srv/inbox/a.pdf") == .zero)
        #expect(plan.settle(for: "/srv/inbox/a.MOV") == .seconds(10))
        #expect(plan.settle(for: "/srv/inbox/a.mov", renamed: true) == .zero)
        #expect(plan.minAge == .seconds(30) && plan.done == DoneSuffix(".done"))
        #expect(plan.admission == configuration.admission(of: main, in: inbox))
        #expect(plan.admission != configuration.admission(of: main))
        var stray = inbox
        stray.account = "nobody"
        #expect(configuration.plan(of: stray) == nil)
    }

    @Test func `the state directory comes from systemd before it comes from home`() throws {
        #expect(
            try read("", ["HOME": "/h", "STATE_DIRECTORY": "/var/lib/a:/var/lib/b"]).stateDirectory == "/var/lib/a"
        )
        #expect(throws: ConfigurationError.self) { try read("", [:]) }
    }

    @Test func `the journal lies beside a manifest that was put elsewhere`() throws {
        #expect(try read("manifest: {path: /srv/m.json}").manifest.journal == "/srv/m.ndjson")
    }

    @Test func `a key may be a systemd credential, by its name or by the account's`() throws {
        let text = "accounts: {a: {provider: postbreeze, api_key_file: x.key}, b: {provider: postbreeze}}"
        let configuration = try read(text, ["HOME": "/h", "CREDENTIALS_DIRECTORY": "/run/credentials/outtray"])

        #expect(configuration.account("a")?.key == .credential("x.key"))
        #expect(configuration.account("b")?.key == .credential("b.key"))
    }

    @Test func `a limit of the account takes the place of its provider's, kind by kind`() throws {
        let limits = "limits: {document: 200MB, video: 1MB}"
        let account = try read("accounts: {a: {provider: postbreeze, api_key_env: K, \(limits)}}").account("a")

        #expect(account?.limits[.document] == ByteCount(200_000_000))
        #expect(account?.limits[.video] == ByteCount(1_000_000))
        #expect(account?.limits[.image] == ByteCount(5_000_000_000))
    }
}
