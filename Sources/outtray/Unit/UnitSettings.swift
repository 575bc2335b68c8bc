import Pipeline
import SystemPackage

/// What a unit lets its service see, read and write: those of its settings that matter to Outtray (systemd.exec(5)).
struct UnitSettings: Equatable, Sendable {
    enum HomeProtection: String, Sendable {
        case no
        case yes
        case readOnly = "read-only"
        case tmpfs
    }

    enum SystemProtection: String, Sendable {
        case no
        case yes
        case full
        case strict
    }

    /// Empty for root.
    var user = ""
    /// Empty for the user's own.
    var group = ""
    var supplementaryGroups: [String] = []
    var isDynamicUser = false
    var protectHome = HomeProtection.no
    var protectSystem = SystemProtection.no
    var hasPrivateTmp = false
    var hasPrivateDevices = false
    var readWrite: [UnitPath] = []
    var readOnly: [UnitPath] = []
    var inaccessible: [UnitPath] = []
    var exec: [UnitPath] = []
    var noExec: [UnitPath] = []
    /// `TemporaryFileSystem=`.
    var temporary: [UnitPath] = []
    var binds: [UnitBind] = []
    var readOnlyBinds: [UnitBind] = []
    /// The directories that systemd makes for the service, and gives to it: `StateDirectory=` and the like.
    var ownDirectories: [FilePath] = []
    /// Another root than the machine's; empty if there is none.
    var root = ""
    /// Whether it tells who has another user's file open.
    var mayLease = false
    /// Whether it reads all files, and writes all, whatever their rights are.
    var mayReadAll = false
    var mayWriteAll = false
    /// Whether it removes all files from sticky directories.
    var mayRemoveAll = false
    /// Whether its files could be read, which tell of credentials and variables.
    var knowsFiles = false
    /// The names of credentials.
    var credentials: [String] = []
    /// What `ImportCredential=` takes from systemd's stores.
    var imports: [CredentialImport] = []
    /// The file that `--config` names in `ExecStart=`; nil if it names none.
    var configuration: FilePath?
    /// Whether its files say what is started.
    var knowsCommand = false
    /// The names of variables.
    var variables: [String] = []
    /// Whether variables come from a file, too, so that not all names are known.
    var hasEnvironmentFile = false
    /// Settings that could not be read here.
    var unread: [String] = []
}

extension UnitSettings {
    /// The keys that are asked of `systemctl show`.
    static let keys = [
        "LoadState", "FragmentPath", "DropInPaths", "NeedDaemonReload", "User", "Group", "SupplementaryGroups",
        "DynamicUser", "ProtectHome", "ProtectSystem", "PrivateTmp", "PrivateDevices", "ReadWritePaths",
        "ReadOnlyPaths", "InaccessiblePaths", "ExecPaths", "NoExecPaths", "TemporaryFileSystem", "BindPaths",
        "BindReadOnlyPaths", "StateDirectory", "RuntimeDirectory", "CacheDirectory", "LogsDirectory", "RootDirectory",
        "RootImage", "AmbientCapabilities", "CapabilityBoundingSet",
    ]

    /// What these assignments say. Those of files also tell what `systemctl show` does not: see ``adopt(files:)``.
    init(_ assignments: [UnitAssignment], isOfFiles: Bool) {
        var reader = UnitReader(assignments, isOfFiles: isOfFiles)
        user = reader.text("User")
        group = reader.text("Group")
        supplementaryGroups = reader.names("SupplementaryGroups")
        isDynamicUser = reader.truth("DynamicUser")
        let home = reader.text("ProtectHome")
        protectHome = HomeProtection(rawValue: home) ?? (reader.truth("ProtectHome") ? .yes : .no)
        let system = reader.text("ProtectSystem")
        protectSystem = SystemProtection(rawValue: system) ?? (reader.truth("ProtectSystem") ? .yes : .no)
        // Newer versions know `disconnected`, too.
        hasPrivateTmp = reader.truth("PrivateTmp") || reader.text("PrivateTmp") == "disconnected"
        hasPrivateDevices = reader.truth("PrivateDevices")
        readWrite = reader.paths("ReadWritePaths") + reader.paths("ReadWriteDirectories")
        readOnly = reader.paths("ReadOnlyPaths") + reader.paths("ReadOnlyDirectories")
        inaccessible = reader.paths("InaccessiblePaths") + reader.paths("InaccessibleDirectories")
        exec = reader.paths("ExecPaths")
        noExec = reader.paths("NoExecPaths")
        temporary = reader.binds("TemporaryFileSystem").map { UnitPath($0.source, in: "TemporaryFileSystem") }
        binds = reader.binds("BindPaths")
        readOnlyBinds = reader.binds("BindReadOnlyPaths")
        for (key, place) in [
            ("StateDirectory", "/var/lib"), ("RuntimeDirectory", "/run"), ("CacheDirectory", "/var/cache"),
            ("LogsDirectory", "/var/log"),
        ] {
            // `NAME:LINK` makes a link as well.
            let names = reader.names(key).map { String($0.prefix { $0 != ":" }) }
            ownDirectories += names.map { FilePath(place).appending($0) }
        }
        root = reader.text("RootDirectory") + reader.text("RootImage")
        let isRoot = ["", "root", "0"].contains(user) && !isDynamicUser
        func has(_ capability: String) -> Bool {
            reader.hasCapability(capability, in: "CapabilityBoundingSet", byDefault: true)
                && (isRoot || reader.hasCapability(capability, in: "AmbientCapabilities", byDefault: false))
        }
        mayLease = has("cap_lease")
        mayWriteAll = has("cap_dac_override")
        mayReadAll = mayWriteAll || has("cap_dac_read_search")
        mayRemoveAll = has("cap_fowner")
        if isDynamicUser {
            // What DynamicUser= brings with it.
            hasPrivateTmp = true
            protectSystem = .strict
            if protectHome == .no { protectHome = .readOnly }
        }
        unread = reader.unread
        if isOfFiles { adopt(files: assignments) }
    }

    /// Takes from the unit's files what `systemctl show` does not print in full: credentials, and names of variables.
    mutating func adopt(files assignments: [UnitAssignment]) {
        knowsFiles = true
        var reader = UnitReader(assignments, isOfFiles: true)
        let keys = ["LoadCredential", "LoadCredentialEncrypted", "SetCredential", "SetCredentialEncrypted"]
        credentials = keys.flatMap { reader.values($0) }.map {
            String(decoding: $0.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
        }
        imports = reader.names("ImportCredential").map(CredentialImport.init)
        let command = reader.words("ExecStart")
        knowsCommand = !command.isEmpty
        configuration = Self.configuration(namedIn: command)
        unread += reader.unread.filter { !unread.contains($0) }
        // Names alone: a value may be a key.
        variables =
            reader.names("Environment").map { String($0.prefix { $0 != "=" }) } + reader.names("PassEnvironment")
        hasEnvironmentFile = !reader.values("EnvironmentFile").isEmpty
    }

    /// What follows `--config`. A path that is not absolute begins at the root, where systemd starts a service.
    private static func configuration(namedIn command: [[UInt8]]) -> FilePath? {
        let option = Array("--config".utf8)
        guard let index = command.firstIndex(where: { $0 == option || $0.starts(with: option + Array("=".utf8)) })
        else { return nil }
        let word = command[index] == option ? command.dropFirst(index + 1).first : Array(command[index].dropFirst(9))
        return word.map { FilePath("/").pushing(FilePath(bytes: $0)).lexicallyNormalized() }
    }

    /// Where systemd keeps a directory of `StateDirectory=` for a dynamic user. `directory` is beneath `/var/lib`.
    static func privateDirectory(of directory: FilePath) -> FilePath {
        var real: FilePath = "/var/lib/private"
        for component in directory.components.dropFirst(2) { real.append(component) }
        return real
    }
}
