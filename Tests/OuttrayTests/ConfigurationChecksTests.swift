import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import outtray

@Suite struct ConfigurationChecksTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try directory.makeDirectory("in")
        try directory.makeDirectory("other")
        try directory.write("key", "pb_live_secret\n")
        try directory.setMode(of: "key", to: 0o600)
    }

    /// What is wrong with a configuration whose folders and further lines are these; `@` stands for the directory.
    private func problems(
        _ folders: String,
        account: String = "provider: postbreeze, api_key_file: @/key",
        more: String = "",
        mode: Int = 0o600
    ) throws -> [String] {
        let text = "state_dir: @/state\naccounts: {main: {\(account)}}\nfolders: {\(folders)}\n\(more)\n"
            .replacingOccurrences(of: "@", with: directory.path.string)
        let file = try directory.write("outtray.yaml", text)
        try directory.setMode(of: "outtray.yaml", to: mode)
        let environment = ["HOME": "/h", "KEY": "pb_live_secret", "TWO": "one two"]
        let configuration = try Configuration.read(text, file: file.string, environment: environment)
        do throws(ConfigurationError) {
            _ = try checks(configuration, environment).run(
                file: file.string,
                needsFolders: true
            )
            return []
        } catch {
            #expect(!error.description.contains("pb_live"))
            return error.problems.map { $0.reason.replacingOccurrences(of: directory.path.string, with: "@") }
        }
    }

    /// The checks after a look at the folders.
    private func checks(
        _ configuration: Configuration,
        _ environment: [String: String] = [:]
    ) -> ConfigurationChecks {
        ConfigurationChecks(
            configuration: configuration,
            environment: environment,
            probe: FolderProbe.look(at: configuration.folders)
        )
    }

    @Test func `what did not answer a look is a hindrance, whatever is there now`() throws {
        let text = """
            state_dir: \(directory.at("state"))
            accounts: {main: {provider: postbreeze, api_key_file: \(directory.at("key"))}}
            folders:
              a: {path: \(directory.at("in")), account: main}
              b: {path: \(directory.at("other")), account: main, after_upload: {move: \(directory.at("key/x"))}}

            """
        let configuration = try Configuration.read(text, file: "o.yaml", environment: ["HOME": "/h"])
        func hindrances(_ silent: Set<FilePath>) throws -> [FolderHindrance] {
            let checks = ConfigurationChecks(
                configuration: configuration,
                environment: [:],
                probe: FolderProbe(silent: silent)
            )
            #expect(try checks.run(file: "o.yaml", needsFolders: true).keys.keys.sorted() == ["main"])
            return checks.hindrances
        }

        let found = try hindrances([directory.at("in"), directory.at("key/x")])
        let unasked = "does not answer: mend or unmount it"
        #expect(found.map(\.folder) == ["a", "b"] && found.map(\.effect) == [.notWatched, .notMoved])
        #expect(found.allSatisfy { $0.reason.hasSuffix(unasked) })
        #expect(try hindrances([]).map { $0.reason.hasSuffix(unasked) } == [false])
    }

    /// What closes a file of this user's, who may be root and not the service's.
    private func closing(_ file: String) -> String {
        geteuid() == 0 ? "chmod 600 \(file), or 640 with the service's group" : "chmod 600 \(file)"
    }

    @Test func `the manifest does not take the place of the ledger, the configuration or a key`() throws {
        try directory.makeDirectory("state")
        try directory.link("s", to: "state")
        let folders = "a: {path: @/in, account: main}"
        func reasons(_ manifest: String) throws -> [String] { try problems(folders, more: "manifest: {\(manifest)}") }

        for name in ["outtray.db", "outtray.db-wal", "outtray.db-shm", "outtray.db-seal", "outtray.lock"] {
            #expect(
                try reasons("path: @/s/\(name), journal: @/m").first?.hasPrefix("@/s/\(name) is the ledger's") == true
            )
            #expect(try reasons("path: @/m, journal: @/state/\(name)").first?.contains("is the ledger's") == true)
        }
        #expect(try reasons("path: @/outtray.yaml").first?.contains("is the configuration itself") == true)
        #expect(try reasons("path: @/m, journal: @/key").first?.contains("is the key of account main") == true)
        #expect(try reasons("path: @/s/m, journal: @/state/m").count == 1)
    }

    @Test(.enabled(if: geteuid() == 0, "only root may mount"))
    func `two folders that are one by a bind mount are told, and one within the other, too`() throws {
        try directory.makeDirectory("in/deep")
        try directory.makeDirectory("other/deep")
        try #require(
            Glibc.mount(directory.at("in").string, directory.at("other").string, "", UInt(MS_BIND), nil) == 0
        )
        defer { umount2(directory.at("other").string, Int32(MNT_DETACH)) }

        #expect(
            try problems("a: {path: @/in, account: main}, b: {path: @/other, account: main}")
                == ["@/other is the same directory as @/in, which is watched as a"]
        )
        #expect(
            try problems("a: {path: @/in, account: main}, b: {path: @/other/deep, account: main}")
                == ["@/other/deep lies in @/in, which is watched as a"]
        )
    }

    @Test func `a configuration that fits the machine has its keys`() throws {
        #expect(try problems("a: {path: @/in, account: main}, b: {path: @/other, account: main}") == [])

        let text = "accounts: {main: {provider: postbreeze, api_key_file: \(directory.at("key"))}}"
        let configuration = try Configuration.read(text, file: "o.yaml", environment: ["HOME": "/h"])
        let keys = try checks(configuration).run(
            file: "o.yaml",
            needsFolders: false
        ).keys
        #expect(keys.mapValues { "\($0)" } == ["main": "••••"])
    }

    @Test func `a socket's path that is too long is told at its place, where a socket is needed`() throws {
        try directory.write("key", "pb_live_x")
        let state = "/" + String(repeating: "s", count: 94)
        let text =
            "state_dir: \(state)\nmanifest: {path: \(directory.at("m.json")), journal: \(directory.at("m.ndjson"))}\n"
            + "accounts: {main: {provider: postbreeze, api_key_file: \(directory.at("key"))}}\n"
        let configuration = try Configuration.read(text, file: "o.yaml", environment: ["HOME": "/h"])
        func problems(_ environment: [String: String], needsSocket: Bool) -> [ConfigurationError.Problem] {
            do throws(ConfigurationError) {
                let probe = FolderProbe(silent: [])
                let checks = ConfigurationChecks(configuration: configuration, environment: environment, probe: probe)
                _ = try checks.run(
                    file: "o.yaml",
                    needsFolders: false,
                    needsSocket: needsSocket
                )
                return []
            } catch {
                return error.problems
            }
        }

        let own = problems([:], needsSocket: true)
        #expect(own.map(\.key) == ["state_dir"])
        #expect(own.first?.reason.contains("has 108 bytes") == true)
        #expect(problems([:], needsSocket: false).isEmpty)
        #expect(problems(["RUNTIME_DIRECTORY": "/run/outtray"], needsSocket: true).isEmpty)
        #expect(problems(["RUNTIME_DIRECTORY": "/run" + state], needsSocket: true).count == 1)
    }

    /// What hinders the folders of a configuration, `@` standing for the directory.
    private func hindrances(_ folders: String) throws -> [FolderHindrance] {
        #expect(try problems(folders) == [])
        let text = "accounts: {main: {provider: postbreeze, api_key_file: @/key}}\nfolders: {\(folders)}\n"
            .replacingOccurrences(of: "@", with: directory.path.string)
        let configuration = try Configuration.read(text, file: "o.yaml", environment: ["HOME": "/h"])
        return checks(configuration).hindrances
    }

    @Test func `a folder that cannot be watched at present is no mistake, and is named with the reason`() throws {
        try directory.link("round", to: "round")
        try directory.link("dead", to: "nothing")
        #expect(mkfifo(directory.at("fifo").string, 0o600) == 0)

        #expect(try hindrances("a: {path: @/in, account: main}, b: {path: @/other, account: main}") == [])
        for (name, words) in [
            ("none", "does not exist"), ("key", "not a directory"), ("key/x", "key is not a directory"),
            ("fifo", "not a directory"), ("fifo/x", "fifo is not a directory"), ("round", "leads back to itself"),
            ("round/x", "leads back to itself"), ("dead", "leads nowhere"),
        ] {
            let found = try hindrances("a: {path: @/\(name), account: main}, b: {path: @/in, account: main}")

            #expect(found.map(\.folder) == ["a"], "\(name)")
            #expect(found.first?.effect == .notWatched, "\(name)")
            #expect(found.first?.reason.contains(words) == true, "\(found)")
            #expect(found.first?.words.hasSuffix("watched as soon as it is there and can be read") == true)
        }
    }

    @Test func `a target that files cannot be moved to at present is no mistake, and is named with the reason`() throws
    {
        try directory.link("round", to: "round")
        #expect(mkfifo(directory.at("fifo").string, 0o600) == 0)

        for name in ["none", "key", "key/x", "fifo", "round"] {
            let found = try hindrances("a: {path: @/in, account: main, after_upload: {move: @/\(name)}}")

            #expect(found.map(\.effect) == [.notMoved], "\(name)")
            #expect(found.first?.reason.contains("\(directory.at(name))") == true, "\(found)")
        }
        #expect(try hindrances("a: {path: @/in, account: main, after_upload: {move: @/other}}") == [])
    }

    @Test func `a path that no Linux takes is a mistake for good`() throws {
        let name = String(repeating: "n", count: 256)
        let text = "accounts: {main: {provider: postbreeze, api_key_file: /key}}\n"

        for folder in ["path: /in/\(name)", "path: /in, after_upload: {move: /\(name)}"] {
            #expect(throws: ConfigurationError.self) {
                try Configuration.read(
                    text + "folders: {a: {account: main, \(folder)}}\n",
                    file: "o.yaml",
                    environment: ["HOME": "/h"]
                )
            }
        }
    }

    @Test func `a folder within another one is told, one whose name only begins alike is not`() throws {
        try directory.makeDirectory("in/deep")
        try directory.makeDirectory("in-too")

        #expect(
            try problems(
                "a: {path: @/in, account: main}, b: {path: @/in/deep, account: main}, c: {path: @/in-too, account: main}"
            )
                == ["@/in/deep lies in @/in, which is watched as a"]
        )
    }

    @Test func `two folders with one path are told, through a link too`() throws {
        try directory.link("alias", to: "in")
        try directory.makeDirectory("in/deep")

        #expect(
            try problems("a: {path: @/in, account: main}, b: {path: @/in, account: main}")
                == ["@/in is watched as a already"]
        )
        #expect(
            try problems("a: {path: @/in, account: main}, b: {path: @/alias, account: main}")
                == ["@/alias is watched as a already"]
        )
        #expect(
            try problems("a: {path: @/alias/deep, account: main}, b: {path: @/in, account: main}")
                == ["@/alias/deep lies in @/in, which is watched as b"]
        )
    }

    @Test func `an account that is not there is told with those that are`() throws {
        #expect(try problems("a: {path: @/in, account: man}") == ["account \"man\" is not among accounts (main)"])
    }

    @Test func `a folder's limit does not raise its account's`() throws {
        #expect(
            try problems("a: {path: @/in, account: main, limits: {document: 200MB, video: 1GB}}")
                == ["document is 200 MB, but account main allows 100 MB at most"]
        )
    }

    @Test func `a folder's range does not widen its account's, and leaves something of it`() throws {
        func problems(_ seconds: String) throws -> [String] {
            try self.problems(
                "a: {path: @/in, account: main, limits: {video: {seconds: \(seconds)}}}",
                account: "provider: postbreeze, api_key_file: @/key, limits: {video: {seconds: 3..1800}}"
            )
        }

        #expect(try problems("5..60").isEmpty && problems("..60").isEmpty)
        let words = "but account main allows 3 s to 30:00"
        #expect(try problems("1..60") == ["video.seconds is 1 s to 1:00, \(words)"])
        #expect(try problems("3600") == ["video.seconds is at most 1:00:00, \(words)"])
        #expect(try problems("1801..") == ["video.seconds is at least 30:01, \(words)"])
    }

    @Test(arguments: [(0o604, true), (0o644, true), (0o602, true), (0o600, false), (0o640, false)])
    func `a key that every user can read is refused`(mode: Int, isRefused: Bool) throws {
        try directory.setMode(of: "key", to: mode)

        let reason = "@/key can be read by every user of this machine: \(closing("@/key"))"
        #expect(try problems("a: {path: @/in, account: main}") == (isRefused ? [reason] : []))
    }

    @Test func `a key that is missing, empty or more than a key is told without it`() throws {
        try directory.write("empty", " \n")
        try directory.write("two", "pb_live_a\npb_live_b\n")
        for name in ["empty", "two"] { try directory.setMode(of: name, to: 0o600) }
        func reasons(_ key: String) throws -> [String] {
            try problems("a: {path: @/in, account: main}", account: "provider: postbreeze, \(key)")
        }

        #expect(try reasons("api_key_file: @/empty") == ["@/empty is empty"])
        #expect(try reasons("api_key_file: @/two") == ["@/two must hold one key and nothing else"])
        #expect(try reasons("api_key_file: @/in") == ["@/in is not a file"])
        #expect(mkfifo(directory.at("fifo").string, 0o600) == 0)
        #expect(mknod(directory.at("socket").string, S_IFSOCK | 0o600, 0) == 0)
        for name in ["fifo", "socket"] {
            #expect(try reasons("api_key_file: @/\(name)") == ["@/\(name) is not a file"])
        }
        #expect(try reasons("api_key_file: @/none") == ["@/none cannot be read: No such file or directory"])
        #expect(try reasons("api_key_env: NONE") == ["the environment has no NONE"])
        #expect(try reasons("api_key_env: TWO") == ["$TWO must hold one key and nothing else"])
        #expect(try reasons("api_key_env: KEY") == [])
    }

    @Test func `a credential is looked for where systemd puts it, and a key in its name's place is not repeated`()
        throws
    {
        try directory.makeDirectory("credentials")
        try directory.write("credentials/main.key", "pb_live_secret")
        try directory.setMode(of: "credentials/main.key", to: 0o400)
        let environment = ["CREDENTIALS_DIRECTORY": directory.at("credentials").string]

        #expect(throws: Never.self) { try KeySource.credential("main.key").read(environment) }
        for name in ["../key", "/key"] {
            #expect(throws: KeyProblem.self) { try KeySource.credential(name).read(environment) }
        }
        let reasons = try problems(
            "a: {path: @/in, account: main}",
            account: "provider: postbreeze, api_key_file: pb_live_secret"
        )
        #expect(reasons.count == 1)
    }

    @Test(arguments: [(0o644, true), (0o604, true), (0o600, false)])
    func `a key in the configuration is refused where others can read that`(mode: Int, isRefused: Bool) throws {
        let reasons = try problems(
            "a: {path: @/in, account: main}",
            account: "provider: postbreeze, api_key: pb_live_secret",
            mode: mode
        )

        #expect(
            reasons
                == (isRefused
                    ? ["@/outtray.yaml holds an api_key and can be read by every user: \(closing("@/outtray.yaml"))"]
                    : [])
        )
    }

    @Test func `what we write ourselves is not in a watched folder, through a link neither`() throws {
        try directory.link("alias", to: "in")
        let folders = "a: {path: @/in, account: main}"

        #expect(
            try problems(folders, more: "manifest: {path: @/in/m.json, journal: @/m.ndjson}")
                == ["@/in/m.json lies in @/in, which is watched as a"]
        )
        #expect(
            try problems(folders, more: "manifest: {path: @/m.json, journal: @/alias/sub/m.ndjson}")
                == ["@/alias/sub/m.ndjson lies in @/in, which is watched as a"]
        )
        #expect(try problems(folders, more: "manifest: {path: @/index.json}") == [])
    }

    @Test func `a trouble at a default place is told by the key's whole name`() throws {
        try directory.makeDirectory("state/manifest.json")
        try directory.makeDirectory("state/manifest.ndjson")
        let text = "state_dir: \(directory.at("state"))\naccounts: {}\nfolders: {}\n"

        for (more, keys) in [
            ("", ["manifest.path", "manifest.journal"]),
            ("manifest: {interval: 1s}\n", ["manifest.path", "manifest.journal"]),
        ] {
            let configuration = try Configuration.read(text + more, file: "o.yaml", environment: [:])
            let error = #expect(throws: ConfigurationError.self) {
                try checks(configuration).run(
                    file: "o.yaml",
                    needsFolders: false
                )
            }
            #expect(error?.problems.map(\.key) == keys)
        }
    }

    @Test func `the manifest's files are regular files, or links to such`() throws {
        try directory.makeDirectory("far")
        try directory.makeDirectory("dir.json")
        try directory.link("link.json", to: "far/none.json")
        try directory.link("to-dir.json", to: "dir.json")
        try directory.link("circle.json", to: "circle.json")
        try directory.link("same.ndjson", to: "far/none.json")
        try directory.link("inside.json", to: "in/none.json")
        func reasons(_ path: String, _ journal: String = "@/m.ndjson") throws -> [String] {
            try problems("a: {path: @/in, account: main}", more: "manifest: {path: \(path), journal: \(journal)}")
        }

        #expect(try reasons("@/link.json") == [])
        #expect(try reasons("@/dir.json") == ["@/dir.json is a directory, and must be a file"])
        #expect(
            try reasons("@/to-dir.json")
                == ["@/to-dir.json, which leads to @/dir.json, is a directory, and must be a file"]
        )
        #expect(try reasons("@/circle.json").first?.contains("leads nowhere") == true)
        #expect(try reasons("/dev/null") == ["/dev/null is no regular file, and would be replaced by one"])
        #expect(try reasons("@/m.json", "@/dir.json") == ["@/dir.json is a directory, and must be a file"])
        #expect(
            try reasons("@/link.json", "@/same.ndjson")
                == ["@/link.json and @/same.ndjson are one file"]
        )
        #expect(try reasons("@/inside.json") == ["@/inside.json lies in @/in, which is watched as a"])
    }

    @Test func `files are not moved to where they would be found again, nor to nowhere`() throws {
        try directory.makeDirectory("in/done")
        func reasons(_ target: String) throws -> [String] {
            try problems("a: {path: @/in, account: main, after_upload: {move: \(target)}}")
        }

        #expect(try reasons("@/in/done") == ["@/in/done lies in @/in, which is watched as a"])
        #expect(try reasons("@/none") == [])
        #expect(try reasons("@/other") == [])
        #expect(try reasons("/dev/shm") == [], "another file system will do")
    }

    @Test func `without a folder there is nothing to start, nor to reload`() throws {
        #expect(try problems("") == ["no folder is named"])
    }

    @Test func `a manifest in a directory that is not there is told, one in the state directory is not`() throws {
        let folders = "a: {path: @/in, account: main}"

        #expect(try problems(folders, more: "manifest: {path: @/state/m.json}") == [])
        #expect(
            try problems(folders, more: "manifest: {path: @/none/m.json, journal: @/m.ndjson}")
                == ["@/none does not exist: mount what belongs there, or mkdir -p @/none"]
        )
        #expect(
            try problems(folders, more: "manifest: {path: @/m.json, journal: @/state/none/m.ndjson}")
                == ["@/state/none does not exist: mount what belongs there, or mkdir -p @/state/none"]
        )
        #expect(
            try problems(folders, more: "manifest: {path: @/key/m.json, journal: @/m.ndjson}")
                == ["@/key is not a directory: put one in its place, or name another one"]
        )
    }

    @Test func `all problems are told together`() throws {
        try directory.setMode(of: "key", to: 0o644)
        let folders =
            "a: {path: @/key, account: main}, b: {path: @/in, account: nobody}, c: {path: @/in, account: main}"

        #expect(try problems(folders, more: "manifest: {path: @/in/m.json, journal: @/m.ndjson}").count == 4)
    }
}
