import SystemPackage
import Testing

@testable import outtray

/// Each key as a stranger gets it wrong. Every row is one line of a file, and what has to be said of it.
@Suite struct ConfigurationAuditTests {
    private func problems(_ text: String) -> [String] {
        do throws(ConfigurationError) {
            _ = try Configuration.read(text, file: "o.yaml", environment: ["HOME": "/h"])
            return []
        } catch {
            #expect(error.description.unicodeScalars.allSatisfy { $0 == "\n" || isPlain($0) }, "\(error)")
            return error.description.split(separator: "\n").map(String.init)
        }
    }

    private func folder(_ line: String) -> [String] {
        problems("folders:\n  inbox:\n    path: /srv/inbox\n    account: main\n    \(line)\n")
    }

    private func account(_ line: String) -> [String] {
        problems("accounts:\n  main:\n    provider: postbreeze\n    api_key_env: KEY\n    \(line)\n")
    }

    static let huge = String(repeating: "9", count: 40)

    static let folderLines: [(line: String, words: String)] = [
        // Types.
        ("settle: [1s]", "settle: must be a duration"), ("settle: {a: b}", "settle.a: must be a duration"),
        ("recursive: 2", "recursive: must be true or false"), ("ignore: {a: b}", "ignore: must be a list"),
        ("ignore: [[a]]", "ignore[0]: must be a text"), ("ignore: [null]", "ignore[0]: must be a text"),
        ("limits: [video]", "limits: must be a mapping"), ("limits: {video: [1]}", "limits.video: must be a size"),
        ("after_upload: [keep]", "after_upload: must be"), ("after_upload: {}", "after_upload: must be"),
        ("after_upload: {delete: /x}", "after_upload"), ("after_upload: {move: [a]}", "after_upload.move: must be"),
        // Numbers.
        ("settle: \(huge)s", "settle: must be a duration"), ("settle: 3651d", "3650d at most"),
        ("settle: 2", "give it a unit, as 2s"), ("settle: 0x2s", "settle: must be"),
        ("settle: \"\"", "settle: must be"),
        ("watch: polling", "watch: must be auto, inotify or poll"), ("watch: [poll]", "watch: must be"),
        ("poll_interval: 2", "give it a unit, as 2s"),
        ("limits: {video: \(huge)}", "limits.video: must be a size"), ("limits: {video: \"\"}", "limits.video"),
        ("limits: {video: 1.5}", "limits.video"), ("limits: {vidio: 1MB}", "did you mean video"),
        // Patterns.
        ("ignore: [\"\"]", "ignore[0]: \"\": an empty pattern"), ("ignore: [a, ./drafts]", "ignore[1]: \"./drafts\""),
        ("sidecars: [\"meta/*\"]", "sidecars[0]: \"meta/*\""), ("sidecars: [*.txt]", "sidecars: [\"*.txt\"]"),
        ("settle: {\"*\": 2s}", "for all other files write default"),
        ("settle: {*.pdf: 2s}", "quotation marks: \"*.pdf\""),
        ("settle: {\"a/*.pdf\": 2s}", "write the name alone"),
        ("done_suffix: .tmp", "photo.jpg.tmp is the name of an unfinished"),
        ("done_suffix: done", "write .done"),
        ("sidecars: [\"*\"]", "nothing would go up"), ("sidecars: \"*.txt\"", "must be a list, as [\"*.txt\"]"),
        ("ignore: [\"*\", a]", "ignore[0]: \"*\": this passes over every file"),
        ("sidecars: [!keep]", "exceptions with !"),
        ("sidecars: [\"!keep\"]", "exceptions with !"), ("ignore_case: maybe", "must be true or false"),
        ("accept: [jpeg]", "a family such as image/*"), ("accept: []", "takes no file"),
        ("existing: keep", "existing: must be upload or skip, not \"keep\""),
        ("existing: [skip]", "must be upload or skip"),
        ("folder_id: \"\"", "folder_id: must be a text"),
        ("accept: image/jpeg", "must be a list"), ("ignore: [\"[abc\"]", "without its ]"),
        ("ignore: x", "must be a list, as [\"x\"]"), ("ignore: \"*.tmp\"", "must be a list, as [\"*.tmp\"]"),
        // What is natural to write.
        ("after_upload: move: /srv/done", "write after_upload: {move: /srv/done}"),
        ("after_upload: move", "must be keep, delete, or {move: /an/absolute/path}"),
        ("after_upload: {move:/srv/done}", "a space belongs after the colon"),
        ("after_upload: \"move: done\"", "must be keep, delete, or {move: /an/absolute/path}"),
        ("ignore: *.tmp", "ignore: [\"*.tmp\"]"), ("ignore: [*.tmp]", "ignore: [\"*.tmp\"]"),
        ("ignore: [a, *.tmp]", "ignore: [\"*.tmp\"]"), ("ignore: @eaDir", "ignore: [\"@eaDir\"]"),
        ("ignore: [@eaDir, x]", "ignore: [\"@eaDir\"]"), ("ignore: %x", "ignore: [\"%x\"]"),
        ("ignore: `x`", "ignore: [\"`x`\"]"), ("ignore: *tmp", "ignore: [\"*tmp\"]"),
        ("ignore: [a", "not closed"), ("limits: {video: 1MB", "not closed"), ("settle:2s", "settle: 2s"),
        ("\tsettle: 2s", "use spaces"),
    ]

    @Test(arguments: folderLines)
    func `a folder's key that is wrong is told with what is right`(line: String, words: String) {
        let problems = folder(line)

        #expect(problems.contains { $0.contains(words) }, "\(problems)")
    }

    @Test(arguments: [
        ("connectsafely", "folder_id: f", "connectsafely has no folders of its own"),
        ("connectsafely", "accept: [video/x-matroska]", "connectsafely takes no video/x-matroska"),
        ("postbreeze", "folder_id: \(String(repeating: "f", count: 65))", "64 characters at most"),
        ("postbreeze", "folder_id: \(String(repeating: "f", count: 64))", ""), ("postbreeze", "existing: skip", ""),
    ])
    func `a folder's key must fit its account's provider`(provider: String, line: String, words: String) {
        let account = "accounts:\n  main:\n    provider: \(provider)\n    api_key_env: KEY\n"
        let problems = problems(
            account + "folders:\n  inbox:\n    path: /srv/inbox\n    account: main\n    \(line)\n"
        )

        #expect(words.isEmpty ? problems == [] : problems.contains { $0.contains(words) }, "\(problems)")
    }

    static let paths: [(path: String, words: String)] = [
        ("inbox", "must be an absolute path"), ("\"\"", "must be an absolute path"),
        ("[/a]", "must be an absolute path"),
        ("~/inbox", "~ is not filled in"), ("$HOME/inbox", "variables are not filled in"),
        ("${HOME}/inbox", "variables are not filled in"), ("C:\\Users\\ada", "paths are those of Linux"),
        ("'\\\\nas\\share'", "paths are those of Linux"), ("\"C:\\Users\"", "a \\ begins an escape"),
        ("/srv/link/../inbox", "leave it out"), ("/..", "leave it out"), ("\"/srv/\\0/x\"", "null character"),
        ("/" + String(repeating: "n", count: 256), "longer than Linux takes"),
        (String(repeating: "/nnn", count: 1024), "longer than Linux takes"), ("/srv/a: b", "in quotation marks"),
        ("%h/inbox", "in quotation marks"), ("/srv/\"inbox", ""), ("\"/srv/inbox", "quotation mark is not closed"),
    ]

    @Test(arguments: paths)
    func `a path that is none, or may not be what it seems, is told as such and never in full length`(
        path: String,
        words: String
    ) {
        let problems = problems("folders:\n  inbox:\n    path: \(path)\n    account: main\n")

        if words.isEmpty {
            #expect(problems == [])
        } else {
            #expect(problems.contains { $0.contains(words) && $0.utf8.count < 400 }, "\(problems)")
        }
    }

    @Test(arguments: [
        ("/srv/inbox/", "/srv/inbox"), ("/srv//inbox/.", "/srv/inbox"), ("/", "/"), ("/srv/..inbox", "/srv/..inbox"),
        ("\"/srv/two\\nlines\"", "/srv/two\nlines"), ("/srv/e\u{301}", "/srv/e\u{301}"), ("/srv/\u{E9}", "/srv/\u{E9}"),
    ])
    func `other spellings of a path are the path, byte for byte`(given: String, path: String) throws {
        let text = "folders:\n  inbox:\n    path: \(given)\n    account: main\n"
        let configuration = try Configuration.read(text, file: "o.yaml", environment: ["HOME": "/h"])

        #expect(configuration.folders.first.map { Array($0.path.string.utf8) } == Array(path.utf8))
    }

    static let accountLines: [(line: String, words: String)] = [
        ("concurrency: 4.0", "concurrency: must be a number from 1 to 64"), ("concurrency: -1", "concurrency: must be"),
        ("concurrency: \(huge)", "concurrency: must be"), ("concurrency: [4]", "concurrency: must be"),
        (
            "rate: 60/60s, 1000/15m",
            "rate: must be a list of calls in a time, such as [60/60s, 1000/15m]; here [60/60s, 1000/15m]"
        ),
        ("rate: {60: 60s}", "rate: must be a list"), ("rate: [\(huge)/1s]", "rate[0]: must be calls in a time"),
        ("rate: [1000001/1s]", "rate[0]"), ("rate: [1/\(huge)s]", "rate[0]"), ("rate: [\"\"]", "rate[0]"),
        ("account_id: \"\"", "account_id: must be a text that is not empty"),
        ("account_id: \"a\\nb\"", "account_id: must be a text that is not empty, on one line"),
        ("workspace_id: {a: b}", "workspace_id: must be"), ("allow_http: 1", "allow_http: must be true or false"),
        ("base_url: \"\"", "base_url: must be"), ("base_url: [https://a.example]", "base_url: must be"),
        ("upload_hosts: *.r2.example", "upload_hosts: [\"*.r2.example\"]"),
        ("upload_hosts: [*.r2.example]", "upload_hosts: [\"*.r2.example\"]"),
    ]

    @Test(arguments: accountLines)
    func `an account's key that is wrong is told with what is right`(line: String, words: String) {
        let problems = account(line)

        #expect(problems.contains { $0.contains(words) }, "\(problems)")
    }

    @Test(arguments: ["~/main.key", "./main.key", "keys/main.key", "/etc/../main.key", "\"\""])
    func `a key's file is an absolute path or a credential's name, and is not quoted where it may be the key`(
        file: String
    ) {
        let problems = problems("accounts:\n  main:\n    provider: postbreeze\n    api_key_file: \(file)\n")

        #expect(
            problems == [
                "o.yaml:4:19: accounts.main.api_key_file: must be an absolute path, or the name of a systemd credential"
            ]
        )
    }

    static let names: [(name: String, words: String)] = [
        ("\"\"", "a name is not empty"), ("\"in\\nbox\"", "one line"), ("\"in\\u202Ebox\"", "one line"),
        ("\" inbox\"", "white space"), (String(repeating: "n", count: 101), "100 bytes"),
    ]

    @Test(arguments: names)
    func `a name that no log or command can show is refused, for folders and accounts`(name: String, words: String) {
        for text in [
            "folders:\n  \(name): {path: /in, account: main}\n", "accounts:\n  \(name): {provider: sandbox}\n",
        ] {
            #expect(problems(text).contains { $0.hasPrefix("o.yaml:2:3: ") && $0.contains(words) }, "\(problems(text))")
        }
    }

    @Test(arguments: ["..", "Ärger", "with space", "7", "a.b", "true"])
    func `any other name is one`(name: String) {
        #expect(problems("folders:\n  \(name): {path: /in, account: main}\n") == [])
    }

    @Test func `names that differ by case are two, and two spellings of one name are one too many`() {
        #expect(problems("accounts:\n  main: {provider: sandbox}\n  Main: {provider: sandbox}\n") == [])
        let twice = problems("accounts:\n  \u{E9}: {provider: sandbox}\n  e\u{301}: {provider: sandbox}\n")
        #expect(twice.count == 1 && twice.first?.contains("has a key twice") == true, "\(twice)")
    }

    @Test(arguments: [
        "state_dir: [a]", "state_dir: var", "state_dir: ~/state", "manifest: [a]", "manifest: {path: m.json}",
        "manifest: {interval: 5}", "manifest: {interval: -1s}", "manifest: {mode: [0644]}", "manifest: {mode: 0o644}",
        "manifest: {mode: -644}", "manifest: {keep_gone: never}", "manifest: {keep_gone: 30}", "accounts: main",
        "folders: [inbox]", "folders: {inbox: /srv/inbox}", "? [a]\n: b",
        "shutdown_timeout: 5", "shutdown_timeout: [1s]", "shutdown_timeout: -1s", "folders: {inbox: null}", "a: *b",
        "--- a\n--- b",
    ])
    func `the rest of the file is looked at as closely`(text: String) {
        let problems = problems(text)

        #expect(!problems.isEmpty && problems.allSatisfy { $0.hasPrefix("o.yaml:") }, "\(problems)")
    }

    @Test func `what the file holds cannot forge a line of the message, nor drown it`() {
        let forged = problems(
            "\"x\\no.yaml:9:9: folders: all is well\": 1\nsettle: \"\(String(repeating: "x", count: 5000))\""
        )

        #expect(forged.count == 2, "\(forged)")
        #expect(folder("settle: \(String(repeating: "x", count: 5000))").allSatisfy { $0.utf8.count < 300 })
    }
}
