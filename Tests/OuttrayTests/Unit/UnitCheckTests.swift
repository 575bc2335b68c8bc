import Glibc
import SystemPackage
import Testing

@testable import outtray

/// What the service lacks, and what gives it that.
@Suite struct UnitCheckTests {
    private let ada = UnitUser(name: "ada", id: 1000, groups: [1000])
    private let dynamic = UnitUser(name: "outtray", id: nil, groups: [], isDynamic: true)

    /// A disk on which everything is there and open to all, but for what is given.
    private func disk(
        _ rights: [FilePath: FileRights] = [:],
        missing: Set<FilePath> = [],
        closed: Set<FilePath> = [],
        links: [FilePath: FilePath] = [:]
    ) -> UnitCheck.Disk {
        UnitCheck.Disk(
            resolve: { links[$0] ?? $0 },
            rights: { path in
                if missing.contains(path) { return .failure(.noSuchFileOrDirectory) }
                if closed.contains(path) { return .failure(.permissionDenied) }
                return .success(rights[path] ?? FileRights(owner: 0, group: 0, mode: S_IFDIR | 0o777))
            }
        )
    }

    private func need(_ path: FilePath, _ kind: UnitNeed.Kind = .readDirectory) -> UnitNeed {
        UnitNeed(name: .folder, subject: "in", path: path, kind: kind, purpose: "files go up", verdict: .waiting)
    }

    private func configuration(_ accounts: String = "") throws -> Configuration {
        let text = "state_dir: /var/lib/outtray\naccounts:\n  main:\n    provider: sandbox\n\(accounts)"
        return try Configuration.read(text, file: "o.yaml", environment: [:])
    }

    private func answers(
        _ needs: [UnitNeed],
        _ settings: UnitSettings,
        user: UnitUser? = nil,
        disk: UnitCheck.Disk? = nil
    ) throws -> [UnitCheck.Answer] {
        var leasing = settings
        leasing.mayLease = true
        return UnitCheck.answers(
            to: needs,
            of: try configuration(),
            leasing,
            user: user ?? ada,
            disk: disk ?? self.disk()
        )
    }

    private func only(
        _ need: UnitNeed,
        _ settings: UnitSettings,
        user: UnitUser? = nil,
        disk: UnitCheck.Disk? = nil
    ) throws -> UnitCheck.Answer {
        let answers = try answers([need], settings, user: user, disk: disk)
        return try #require(answers.count == 1 ? answers.first : nil, "\(answers)")
    }

    private func state(_ path: FilePath) -> UnitNeed {
        UnitNeed(name: .state, path: path, kind: .writeDirectory, purpose: "the ledger", verdict: .denied)
    }

    // MARK: The sandbox

    @Test func `a folder that is only read needs no line beneath ProtectSystem=strict`() throws {
        let answer = try only(need("/srv/in"), .of("ProtectSystem=strict"))

        #expect(answer.finding.verdict == .ok && answer.remedy == UnitRemedy())
        #expect(answer.finding.message == "/srv/in (files go up): the service can read it")
    }

    @Test func `a folder that files leave needs a line of its own`() throws {
        let answer = try only(need("/srv/in", .writeDirectory), .of("ProtectSystem=strict"))

        #expect(answer.finding.verdict == .waiting)
        #expect(answer.remedy.lines == ["ReadWritePaths=-/srv/in"] && answer.remedy.commands.isEmpty)
        #expect(answer.finding.fix == "ReadWritePaths=-/srv/in in the unit")
    }

    @Test func `a path with spaces and percent signs is written as the unit reads it`() throws {
        let answer = try only(need("/srv/my 100% in", .writeDirectory), .of("ProtectSystem=strict"))

        #expect(answer.remedy.lines == [#"ReadWritePaths="-/srv/my 100%% in""#])
    }

    @Test func `of a private tmp the folder alone is shown`() throws {
        let answer = try only(need("/tmp/a:b", .writeDirectory), .of("PrivateTmp=yes"))

        #expect(answer.remedy == UnitRemedy(lines: [#"BindPaths=-/tmp/a\:b"#]))
    }

    @Test func `a path that no unit can name is to be renamed, and nothing above it is opened`() throws {
        for settings in [UnitSettings.of("ProtectSystem=strict"), .of("PrivateTmp=yes")] {
            let answer = try only(need("/tmp/in\n", .writeDirectory), settings)

            #expect(answer.finding.verdict == .waiting && answer.remedy.lines.isEmpty)
            #expect(answer.finding.fix?.hasPrefix("rename it") == true)
        }
        let backslash = try only(need(#"/b\s"#, .writeDirectory), .of("ProtectSystem=strict"))
        #expect(backslash.remedy.lines == [#"ReadWritePaths=-/b\\s"#])
    }

    @Test func `a folder behind a link is judged where it lies`() throws {
        let links: [FilePath: FilePath] = ["/srv/in": "/home/ada/in"]
        let answer = try only(need("/srv/in"), .of("ProtectHome=yes"), disk: disk(links: links))

        #expect(answer.finding.verdict == .waiting && answer.remedy.lines == ["ProtectHome=read-only"])

        let hidden: [FilePath: FilePath] = ["/home/ada/in": "/srv/in"]
        let other = try only(need("/home/ada/in"), .of("ProtectHome=yes"), disk: disk(links: hidden))
        #expect(other.finding.verdict == .waiting && other.remedy.lines == ["ProtectHome=read-only"])
    }

    @Test func `a file system that does not answer is not asked`() throws {
        var silent = disk(missing: ["/srv/in"])
        silent.isSilent = { $0 == "/srv/in" }
        let answer = try only(need("/srv/in", .writeDirectory), .of("ProtectSystem=strict"), disk: silent)

        #expect(answer.finding.message.hasSuffix("its file system does not answer"))
    }

    /// All ways to say that a folder is in the way, and whether a line mends it.
    static let sandboxes: [[String]] = [
        ["ProtectHome=yes"], ["ProtectHome=read-only"], ["ProtectHome=tmpfs"], ["ProtectSystem=strict"],
        ["ProtectSystem=full", "ProtectHome=yes"], ["ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes"],
        ["DynamicUser=yes", "StateDirectory=outtray"], ["PrivateTmp=yes"],
        ["InaccessiblePaths=/srv/in /opt", "ProtectSystem=strict"], ["ReadOnlyPaths=/srv/in -/opt"],
        ["InaccessiblePaths=/srv /home/ada", "ReadOnlyPaths=/tmp/in"],
        ["TemporaryFileSystem=/srv /tmp /home"], ["BindReadOnlyPaths=/srv/in", "BindReadOnlyPaths=/opt:/home/ada/in"],
    ]

    @Test(arguments: sandboxes, [UnitNeed.Kind.readDirectory, .writeDirectory])
    func `the lines mend what they are given for`(sandbox: [String], kind: UnitNeed.Kind) throws {
        let needs = ["/srv/in", "/home/ada/in", "/tmp/in"].map { need(FilePath($0), kind) }
        let text = "[Service]\n\(sandbox.joined(separator: "\n"))\n"
        let before = UnitText.service(Array(text.utf8))
        let found = try answers(needs, UnitSettings(before, isOfFiles: true))
        let remedy = found.map(\.remedy).reduce(UnitRemedy(), +)
        #expect(found.allSatisfy { $0.finding.verdict == .ok || !$0.remedy.lines.isEmpty }, "\(found)")

        let added = UnitText.service(Array("[Service]\n\(remedy.lines.joined(separator: "\n"))\n".utf8))
        let after = try answers(needs, UnitSettings(before + added, isOfFiles: true))

        #expect(after.allSatisfy { $0.finding.verdict == .ok }, "\(remedy.lines) \(after.map(\.finding))")
        // What was shut for another reason stays shut.
        #expect(!sandbox.contains("InaccessiblePaths=/srv/in /opt") || remedy.lines.contains("InaccessiblePaths=/opt"))
    }

    // MARK: Rights

    @Test func `a group is for a dynamic user alone, and none of the system's, nor for the way through`() throws {
        func remedy(_ user: UnitUser, group: gid_t, at place: FilePath = "/srv/in") throws -> UnitRemedy {
            let rights: [FilePath: FileRights] = [place: FileRights(owner: 0, group: group, mode: S_IFDIR | 0o750)]
            let answer = try only(need("/srv/in"), .of(), user: user, disk: disk(rights))
            #expect(answer.finding.verdict == .waiting)
            return answer.remedy
        }

        #expect(try remedy(dynamic, group: 4711) == UnitRemedy(lines: ["SupplementaryGroups=4711"]))
        for (group, place) in [(gid_t(42), FilePath("/srv/in")), (65534, "/srv/in"), (4711, "/srv")] {
            let closed = try remedy(dynamic, group: group, at: place)
            #expect(closed.lines.isEmpty && closed.advice?.contains("SupplementaryGroups=") == true)
        }
        #expect(try remedy(ada, group: 4711).lines.isEmpty)
        #expect(try remedy(ada, group: 4711, at: "/srv").commands == ["setfacl --modify user:ada:x /srv"])
    }

    @Test func `where the user owns the place its own bits decide`() throws {
        let list = FileRights.AccessList(users: [1000: [.read, .write, .enter]], mask: [.read, .write, .enter])
        let own = FileRights(owner: 1000, group: 0, mode: S_IFDIR | 0o570, list: list)
        let answer = try only(need("/srv/in", .writeDirectory), .of(), disk: disk(["/srv/in": own]))

        #expect(answer.remedy.commands == ["chmod u+w /srv/in"])
    }

    @Test func `where a list denies the user, the list is changed`() throws {
        let list = FileRights.AccessList(users: [1000: []], owningGroup: [.read, .enter], mask: [.read, .enter])
        let rights = FileRights(owner: 0, group: 4711, mode: S_IFDIR | 0o750, list: list)
        let answer = try only(need("/srv/in"), .of(), disk: disk(["/srv/in": rights]))

        #expect(answer.remedy.lines.isEmpty && answer.remedy.commands.first?.hasPrefix("setfacl") == true)
    }

    @Test func `a fixed user takes a list, and of a directory above the right to enter alone`() throws {
        let closed = FileRights(owner: 0, group: 0, mode: S_IFDIR | 0o700)
        let own = try only(need("/srv/my in", .writeDirectory), .of(), disk: disk(["/srv/my in": closed]))
        let above = try only(need("/home/ada/in"), .of(), disk: disk(["/home/ada": closed]))

        #expect(
            own.remedy.commands == [
                "setfacl --recursive --modify user:ada:rwX --modify default:user:ada:rwX '/srv/my in'"
            ]
        )
        #expect(above.remedy.commands == ["setfacl --modify user:ada:x /home/ada"] && above.remedy.lines.isEmpty)
        #expect(above.finding.message.contains("at /home/ada"))
    }

    @Test func `a dynamic user gets no list`() throws {
        let closed = FileRights(owner: 0, group: 0, mode: S_IFDIR | 0o700)
        let answer = try only(need("/srv/in"), .of(), user: dynamic, disk: disk(["/srv/in": closed]))

        #expect(answer.remedy.commands.isEmpty && answer.remedy.lines.isEmpty)
        #expect(answer.finding.fix?.contains("SupplementaryGroups=") == true)
    }

    @Test func `sandbox and rights are told together`() throws {
        let closed = FileRights(owner: 0, group: 0, mode: S_IFDIR | 0o755)
        let answer = try only(
            need("/srv/in", .writeDirectory),
            .of("ProtectSystem=strict"),
            disk: disk(["/srv/in": closed])
        )

        #expect(answer.remedy.lines == ["ReadWritePaths=-/srv/in"] && answer.remedy.commands.count == 1)
    }

    @Test func `files leave a sticky directory by its owner, and the bit stays`() throws {
        let sticky = FileRights(owner: 0, group: 0, mode: S_IFDIR | S_ISVTX | 0o777)
        func answer(_ place: FilePath, removes: Bool, user: UnitUser? = nil) throws -> UnitCheck.Answer {
            var need = need(place, .writeDirectory)
            need.removes = removes
            return try only(need, .of(), user: user, disk: disk([place: sticky]))
        }

        #expect(try answer("/srv/in", removes: true).remedy == UnitRemedy(commands: ["chown ada /srv/in"]))
        for (place, user) in [(FilePath("/tmp"), ada), ("/srv/in", dynamic)] {
            let other = try answer(place, removes: true, user: user)
            #expect(other.finding.verdict == .waiting && other.remedy.commands.isEmpty && other.remedy.advice != nil)
        }
        // A target of `move`, the manifest's directory, or one for drops: its own files alone leave it.
        #expect(try answer("/srv/in", removes: false).finding.verdict == .ok)
        var root = ada
        root.mayRemoveAll = true
        #expect(try answer("/srv/in", removes: true, user: root).finding.verdict == .ok)
    }

    @Test func `what this user may not look at is no fault`() throws {
        let answer = try only(need("/home/ada/in"), .of(), disk: disk(closed: ["/home/ada/in"]))

        #expect(answer.finding.verdict == .weak && answer.finding.fix == "run this check with sudo")
    }

    @Test func `a folder that is not there waits, and root passes over rights`() throws {
        let missing = try only(need("/srv/in"), .of(), disk: disk(missing: ["/srv/in"]))
        #expect(missing.finding.verdict == .waiting && missing.finding.fix?.contains("mkdir -p /srv/in") == true)

        var root = UnitUser(name: "root", id: 0, groups: [0])
        let closed = disk(["/srv/in": FileRights(owner: 5, group: 5, mode: S_IFDIR | 0o700)])
        #expect(try only(need("/srv/in"), .of(), user: root, disk: closed).finding.verdict == .waiting)
        root.mayReadAll = true
        #expect(try only(need("/srv/in"), .of(), user: root, disk: closed).finding.verdict == .ok)
        #expect(try only(need("/srv/in", .writeDirectory), .of(), user: root, disk: closed).finding.verdict == .waiting)
    }

    // MARK: Directories of the unit's own, programs, keys

    @Test func `systemd makes the state directory, and one elsewhere has to be writable where it begins`() throws {
        let own = UnitSettings.of("StateDirectory=outtray", "ProtectSystem=strict")
        let none = disk(missing: ["/var/lib/outtray", "/var/lib/outtray/a"])
        #expect(try only(state("/var/lib/outtray"), own, disk: none).finding.verdict == .ok)
        #expect(try only(state("/var/lib/outtray/a"), own, disk: none).finding.verdict == .ok)

        let missing: Set<FilePath> = ["/data/a/b", "/data/a"]
        let answer = try only(state("/data/a/b"), own, disk: disk(missing: missing))
        #expect(answer.finding.verdict == .denied && answer.remedy.lines == ["ReadWritePaths=-/data/a/b"])
        #expect(answer.remedy.commands == ["mkdir -p /data/a/b", "chown ada /data/a/b"])
        // Nothing above it is opened.
        let closed = disk(["/data": FileRights(owner: 0, group: 0, mode: S_IFDIR | 0o755)], missing: missing)
        #expect(
            try only(state("/data/a/b"), .of(), disk: closed).remedy
                == UnitRemedy(commands: ["mkdir -p /data/a/b", "chown ada /data/a/b"])
        )
        #expect(try only(state("/data/a/b"), .of(), disk: disk(missing: missing)).finding.verdict == .ok)
    }

    @Test func `what is in a directory of the unit's own has rights of its own`() throws {
        let settings = UnitSettings.of("StateDirectory=misc")
        let target = need("/var/lib/misc/done", .writeDirectory)
        func answer(misc owner: uid_t, done: FileRights?, user: UnitUser? = nil) throws -> UnitCheck.Answer {
            let misc = FileRights(owner: owner, group: 0, mode: S_IFDIR | 0o755)
            var rights: [FilePath: FileRights] = ["/var/lib/misc": misc]
            rights["/var/lib/misc/done"] = done
            let missing: Set<FilePath> = done == nil ? ["/var/lib/misc/done"] : []
            return try only(target, settings, user: user, disk: disk(rights, missing: missing))
        }
        let roots = FileRights(owner: 0, group: 0, mode: S_IFDIR | 0o755)

        // systemd does not make it.
        #expect(try answer(misc: 0, done: nil).finding.message.contains("it is not there"))
        // It gives all of it to the user, or, if the directory itself is the user's already, nothing.
        #expect(try answer(misc: 0, done: roots).finding.verdict == .ok)
        #expect(try answer(misc: 1000, done: roots).remedy.commands.first?.hasPrefix("setfacl") == true)
        #expect(try answer(misc: 4711, done: roots, user: dynamic).finding.verdict == .ok)
        let closed = FileRights(owner: 0, group: 0, mode: S_IFDIR | 0o555)
        #expect(try answer(misc: 0, done: closed).remedy.commands == ["chmod u+w /var/lib/misc/done"])
        // The directory itself is made, and the way to it opened.
        let own = need("/var/lib/misc", .writeDirectory)
        let shut: [FilePath: FileRights] = ["/var/lib": FileRights(owner: 0, group: 0, mode: S_IFDIR | 0o700)]
        #expect(try only(own, settings, disk: disk(shut, missing: ["/var/lib/misc"])).finding.verdict == .ok)
    }

    @Test func `a hook's program needs the right to be started, by the unit too`() throws {
        let hook = UnitNeed(
            name: .hook,
            subject: "post",
            path: "/opt/post",
            kind: .runFile,
            purpose: "the hook's command",
            verdict: .waiting
        )
        let settings = UnitSettings.of("NoExecPaths=/", "ExecPaths=-/usr")

        #expect(try only(hook, .of()).finding.verdict == .ok)
        #expect(try only(hook, settings).remedy.lines == ["ExecPaths=-/opt/post"])
        #expect(try only(hook, .of("NoExecPaths=/", "ExecPaths=/opt")).finding.verdict == .ok)
    }

    @Test func `a place that the unit needs and that is not there keeps the service from starting`() throws {
        let settings = UnitSettings.of("ReadWritePaths=/gone -/gone2 /srv")
        let answers = try answers([], settings, disk: disk(missing: ["/gone", "/gone2"]))

        #expect(answers.count == 1 && answers.first?.finding.verdict == .wrong)
        #expect(
            answers.first?.remedy.lines == [
                "ReadWritePaths=", "ReadWritePaths=-/gone", "ReadWritePaths=-/gone2", "ReadWritePaths=/srv",
            ]
        )
    }

    @Test func `without CAP_LEASE a line gives it`() throws {
        let found = UnitCheck.answers(to: [], of: try configuration(), .of("User=ada"), user: ada, disk: disk())

        #expect(found.map(\.finding.verdict) == [.weak])
        #expect(found.first?.remedy.lines == ["AmbientCapabilities=CAP_LEASE", "CapabilityBoundingSet=CAP_LEASE"])
    }

    @Test func `a credential and a variable have to come with the unit`() throws {
        let accounts = "  a:\n    provider: postbreeze\n  b:\n    provider: postbreeze\n    api_key_env: KEY\n"
        func fixes(_ settings: UnitSettings) throws -> [String] {
            var leasing = settings
            leasing.mayLease = true
            return UnitCheck.answers(to: [], of: try configuration(accounts), leasing, user: ada, disk: disk())
                .map { "\($0.finding.name.rawValue) \($0.finding.subject) \($0.remedy.lines)" }
        }

        #expect(try fixes(.of()) == [#"key a ["LoadCredential=a.key:/etc/outtray/a.key"]"#, "key b []"])
        #expect(try fixes(.of("LoadCredential=a.key:/k", "Environment=KEY=x")) == [])
        #expect(try fixes(.of("ImportCredential=a.*", "Environment=KEY=x")) == [])
        #expect(try fixes(.of("SetCredential=a.key:k", "EnvironmentFile=/x")) == [])
        var unknown = UnitSettings.of()
        unknown.knowsFiles = false
        #expect(try fixes(unknown) == [])
    }

    @Test func `an import that no store is seen to serve is no fault, and is told`() throws {
        let missing = Set(CredentialImport.stores.map { $0.appending("a.key") })
        var settings = UnitSettings.of("ImportCredential=a.*")
        settings.mayLease = true
        let found = UnitCheck.answers(
            to: [],
            of: try configuration("  a:\n    provider: postbreeze\n"),
            settings,
            user: ada,
            disk: disk(missing: missing)
        )

        #expect(found.map(\.finding.verdict) == [.weak])
        #expect(found.first?.finding.message.contains("no a.key is seen") == true)
    }

    @Test func `a path is one word of a shell`() {
        #expect(UnitRemedy.shellWord("/srv/in-1.a") == "/srv/in-1.a")
        #expect(UnitRemedy.shellWord("/srv/it's $x") == #"'/srv/it'\''s $x'"#)
        #expect(UnitRemedy.shellWord(FilePath(platformString: [0x2F, 0x61, 0x20, -1, 0])) == #"$'/a\x20\xff'"#)
    }
}

/// What a configuration needs of the disk.
@Suite struct UnitNeedTests {
    @Test func `each place is needed once, for what is done there`() throws {
        let yaml = """
            state_dir: /var/lib/outtray
            manifest: {path: /srv/www/m.json}
            accounts: {main: {provider: postbreeze, api_key_file: /etc/outtray/main.key}}
            on_uploaded: [{name: post, run: [/opt/post, --now]}]
            on_blocked: [{name: page, webhook: "https://x.example/", secret_file: /etc/outtray/page.secret}]
            listen: {serve: [metrics], token_file: /etc/outtray/token}
            folders:
              a: {path: /srv/a, account: main}
              b: {path: /srv/b, account: main, after_upload: {move: /srv/done}}
              c: {path: /srv/c, account: main, accept_drops: true}
            """
        let configuration = try Configuration.read(yaml, file: "o.yaml", environment: [:])

        let needs = UnitNeed.all(of: configuration, file: "/etc/outtray/outtray.yaml") { $0 }

        let lines = needs.map { "\($0.name.rawValue) \($0.subject) \($0.path) \($0.kind)" }
        #expect(
            lines == [
                "configuration  /etc/outtray/outtray.yaml readFile", "state  /var/lib/outtray writeDirectory",
                "manifest  /srv/www writeDirectory", "key main /etc/outtray/main.key readFile",
                "folder a /srv/a readDirectory", "folder b /srv/b writeDirectory",
                "folder b /srv/done writeDirectory", "folder c /srv/c writeDirectory",
                "hook post /opt/post runFile", "hook page /etc/outtray/page.secret readFile",
                "listen  /etc/outtray/token readFile",
            ]
        )
    }
}
