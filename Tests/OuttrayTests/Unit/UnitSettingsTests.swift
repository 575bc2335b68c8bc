import SystemPackage
import Testing

@testable import outtray

extension UnitSettings {
    /// Those of a unit file with these lines in `[Service]`.
    static func of(_ lines: String...) -> UnitSettings {
        UnitSettings(UnitText.service(Array("[Service]\n\(lines.joined(separator: "\n"))\n".utf8)), isOfFiles: true)
    }
}

/// What a unit's lines mean.
@Suite struct UnitSettingsTests {
    private func paths(_ paths: [UnitPath]) -> [String] { paths.map { ($0.isOptional ? "-" : "") + $0.path.string } }

    @Test func `lists add up, and an empty line takes back what came before`() {
        let settings = UnitSettings.of(
            "ReadWritePaths=/a -/b",
            "ReadWritePaths=",
            "ReadWritePaths=/c",
            "ReadWritePaths=+/d -+/e"
        )

        #expect(paths(settings.readWrite) == ["/c", "/d", "-/e"])
    }

    @Test func `of a single value the last one counts, and words for yes are those of systemd`() {
        #expect(UnitSettings.of("ProtectHome=yes", "ProtectHome=read-only").protectHome == .readOnly)
        #expect(UnitSettings.of("ProtectHome=1").protectHome == .yes)
        #expect(UnitSettings.of("ProtectHome=off").protectHome == .no)
        #expect(UnitSettings.of("ProtectSystem=true").protectSystem == .yes)
        #expect(UnitSettings.of("PrivateTmp=disconnected").hasPrivateTmp)
        #expect(UnitSettings.of("PrivateTmp=yes", "PrivateTmp=no").hasPrivateTmp == false)
    }

    @Test func `DynamicUser brings a sandbox with it`() {
        let settings = UnitSettings.of("DynamicUser=yes", "StateDirectory=outtray")

        #expect(settings.hasPrivateTmp && settings.protectSystem == .strict && settings.protectHome == .readOnly)
        #expect(UnitSettings.of("DynamicUser=yes", "ProtectHome=tmpfs").protectHome == .tmpfs)
        #expect(settings.ownDirectories == ["/var/lib/outtray"])
    }

    @Test func `specifiers are filled in, and one that is not known is told`() {
        let settings = UnitSettings.of("ReadWritePaths=%S/x %t/y /srv/100%% %N", "ReadOnlyPaths=/a/%i")

        #expect(paths(settings.readWrite) == ["/var/lib/x", "/run/y", "/srv/100%"])
        #expect(settings.unread == ["ReadOnlyPaths=/a/%i"])
    }

    @Test func `the capability has to be in both sets, and root needs the bounding set alone`() {
        #expect(UnitSettings.of("User=ada", "AmbientCapabilities=CAP_LEASE").mayLease)
        #expect(
            UnitSettings.of("User=ada", "AmbientCapabilities=CAP_LEASE CAP_CHOWN", "CapabilityBoundingSet=CAP_LEASE")
                .mayLease
        )
        #expect(!UnitSettings.of("User=ada").mayLease)
        #expect(
            !UnitSettings.of("User=ada", "AmbientCapabilities=CAP_LEASE", "CapabilityBoundingSet=CAP_CHOWN").mayLease
        )
        #expect(
            !UnitSettings.of("User=ada", "AmbientCapabilities=CAP_LEASE", "CapabilityBoundingSet=~CAP_LEASE").mayLease
        )
        #expect(!UnitSettings.of("User=ada", "AmbientCapabilities=CAP_LEASE", "AmbientCapabilities=").mayLease)
        #expect(UnitSettings.of().mayLease && UnitSettings.of().mayWriteAll)
        #expect(!UnitSettings.of("CapabilityBoundingSet=CAP_LEASE").mayWriteAll)
        #expect(UnitSettings.of("User=a", "AmbientCapabilities=CAP_DAC_READ_SEARCH").mayReadAll)
    }

    @Test func `credentials and variables are known by their names alone`() {
        let settings = UnitSettings.of(
            "LoadCredential=main.key:/etc/outtray/main.key",
            "SetCredential=other.key:secret",
            #"Environment=KEY=secret "B=c d""#,
            "PassEnvironment=LANG"
        )

        #expect(settings.credentials == ["main.key", "other.key"])
        #expect(settings.variables == ["KEY", "B", "LANG"] && !settings.hasEnvironmentFile)
        #expect(UnitSettings.of("EnvironmentFile=-/etc/default/outtray").hasEnvironmentFile)
    }

    @Test func `the configuration is the one that the command names`() {
        #expect(UnitSettings.of("ExecStart=outtray run").configuration == nil)
        #expect(UnitSettings.of("ExecStart=outtray run").knowsCommand && !UnitSettings.of().knowsCommand)
        #expect(
            UnitSettings.of("ExecStart=outtray run", "ExecStart=", "ExecStart=/x run --config \"/srv/my o.yaml\"")
                .configuration == "/srv/my o.yaml"
        )
        #expect(UnitSettings.of("ExecStart=outtray run --config=%E/o.yaml -v").configuration == "/etc/o.yaml")
        #expect(UnitSettings.of("ExecStart=outtray run --config o.yaml").configuration == "/o.yaml")
    }

    @Test func `an import brings credentials by a pattern, and may rename them`() {
        #expect(CredentialImport("main.*").stored(as: "main.key") == "main.key")
        #expect(CredentialImport("main.*").stored(as: "other.key") == nil)
        #expect(CredentialImport("main.key:").stored(as: "main.key") == "main.key")
        #expect(CredentialImport("outtray.*:").stored(as: "main.key") == nil)
        #expect(CredentialImport("outtray.*:main.").stored(as: "main.key") == "outtray.key")
        #expect(CredentialImport("a:main.key").stored(as: "main.key") == "a")
        #expect(CredentialImport("a:main.key").stored(as: "b.key") == nil)
    }

    @Test func `what systemctl show prints means the same as the files`() {
        let shown = """
            User=outtray
            ProtectHome=read-only
            ProtectSystem=strict
            PrivateTmp=yes
            ReadWritePaths=-/srv/inbox "-/srv/my inbox"
            TemporaryFileSystem=/var/cache:ro
            BindPaths=/a:/b:rbind
            BindPaths=/c
            StateDirectory=outtray
            AmbientCapabilities=cap_lease
            CapabilityBoundingSet=cap_lease
            """
        let files = UnitSettings.of(
            "User=outtray",
            "ProtectHome=read-only",
            "ProtectSystem=strict",
            "PrivateTmp=on",
            #"ReadWritePaths=-/srv/inbox "-/srv/my inbox""#,
            "TemporaryFileSystem=/var/cache:ro",
            "BindPaths=/a:/b:rbind",
            "BindPaths=/c",
            "StateDirectory=outtray",
            "AmbientCapabilities=CAP_LEASE",
            "CapabilityBoundingSet=CAP_LEASE"
        )
        var told = UnitSettings(UnitText.shown(Array(shown.utf8)), isOfFiles: false)
        #expect(!told.knowsFiles)
        told.adopt(files: [])

        #expect(told == files)
        #expect(files.binds.map(\.target) == ["/b", "/c"] && paths(files.temporary) == ["-/var/cache"])
    }
}

/// Whom a unit's service runs as. The machine's own lists are asked, in which root is.
@Suite struct UnitUserTests {
    @Test func `without a user it is root, by whatever name`() {
        for settings in [UnitSettings.of(), .of("User=root"), .of("User=0")] {
            let user = UnitUser(settings)

            #expect(user.id == 0 && user.name == "root" && user.groups.contains(0) && user.missing.isEmpty)
            #expect(user.mayReadAll && user.mayWriteAll)
        }
    }

    @Test func `a group of the unit takes the place of the user's own`() {
        #expect(UnitUser(.of("User=0", "Group=4711")).groups.contains(4711))
        #expect(!UnitUser(.of("User=0", "Group=4711")).groups.contains(0))
        #expect(UnitUser(.of("User=0", "SupplementaryGroups=4711 4712")).groups.isSuperset(of: [0, 4711, 4712]))
    }

    @Test func `who is not on the machine is missing, but for a dynamic user`() {
        let name = "outtray-nobody-has-this"
        #expect(
            UnitUser(.of("User=\(name)", "SupplementaryGroups=\(name)")).missing == ["user \(name)", "group \(name)"]
        )
        let dynamic = UnitUser(.of("DynamicUser=yes", "User=\(name)", "Group=\(name)"))
        #expect(dynamic.missing.isEmpty && dynamic.isDynamic && dynamic.id == nil && dynamic.groups.isEmpty)
        #expect(UnitUser(.of("User=4711")).id == 4711)
    }
}
