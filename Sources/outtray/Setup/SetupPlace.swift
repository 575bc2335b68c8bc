import Glibc
import Pipeline
import Providers
import SystemPackage
import Watch

/// Where a setup puts its files, and for whom: for the machine's service, or for this user alone.
struct SetupPlace {
    /// The user and group that the unit's service runs as.
    struct ServiceUser {
        static let name = "outtray"

        let group: gid_t

        /// Nil if the machine has none, as without the package.
        static func find() -> ServiceUser? {
            guard getpwnam(name) != nil else { return nil }
            return getgrnam(name).map { ServiceUser(group: $0.pointee.gr_gid) }
        }
    }

    let configuration: FilePath
    /// Nil for a setup of one user.
    let service: ServiceUser?
    /// The state directory that the configuration has to name; nil for the default.
    let stateDirectory: FilePath?
    /// What is proposed as the folder.
    let folder: FilePath
    private let environment: [String: String]

    /// `given`: the configuration file, if somebody named it.
    init(given: FilePath?, environment: [String: String]) {
        let isRoot = geteuid() == 0
        let home = environment["HOME"].map { FilePath($0) } ?? "/"
        let system: FilePath = "/etc/outtray/outtray.yaml"
        configuration = given ?? (isRoot ? system : home.appending(".config/outtray/outtray.yaml"))
        service = isRoot && given == nil ? .find() : nil
        // The unit's own is the same. A shell has no $STATE_DIRECTORY.
        stateDirectory = isRoot && given == nil ? "/var/lib/outtray" : nil
        folder = isRoot ? "/srv/inbox" : home.appending("Outtray")
        self.environment = environment
    }

    /// How a command of this user names the configuration; empty if it is the one that they take by themselves.
    var option: String {
        let usual = ConfigurationFile(given: nil, environment: environment).path
        return usual == configuration.string ? "" : " --config \(printablePath(configuration))"
    }

    func keyFile(of account: String) -> FilePath {
        configuration.removingLastComponent().appending("\(account).key")
    }

    /// The configuration as it is now; nil if there is none.
    ///
    /// - Throws: ``SetupFailure``, also if it has accounts or folders already.
    func present() throws(SetupFailure) -> SetupAnswers.Present? {
        let bytes: [UInt8]
        do {
            bytes = try RegularFile.content(of: configuration)
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch {
            throw SetupFailure("\(configuration) cannot be read: \(error)")
        }
        return try SetupAnswers.Present(bytes, file: configuration.string)
    }

    /// Writes folder, key and configuration: the configuration last, so that it never names what is not there.
    ///
    /// Where one cannot be written, the setup can be done again.
    func write(_ answers: SetupAnswers, beside present: SetupAnswers.Present?) throws(SetupFailure) {
        let keyFile = keyFile(of: answers.account)
        let text = answers.yaml(keyFile: keyFile, after: present)
        // Before anything is written: a broken configuration would be there already at the next try.
        do throws(ConfigurationError) {
            _ = try Configuration.read(text, file: configuration.string, environment: environment)
        } catch {
            throw SetupFailure(error.problems.map { "\($0.key): \($0.reason)" }.joined(separator: "; "))
        }
        try make(configuration.removingLastComponent(), isFolder: false)
        try make(answers.folder, isFolder: true)
        let isNew = try answers.key.map { key throws(SetupFailure) in try write(key, to: keyFile) } ?? false
        do throws(SetupFailure) {
            let mode = try mode(of: configuration)
            try NewFile.write(text, to: configuration, mode: mode, replacing: present?.bytes)
        } catch {
            if isNew { _ = keyFile.withPlatformString { unlink($0) } }
            throw error
        }
    }

    /// The rights that the configuration has, or gets.
    private func mode(of file: FilePath) throws(SetupFailure) -> mode_t {
        var status = stat()
        guard file.withPlatformString({ stat($0, &status) }) == 0 else { return 0o644 }
        return status.st_mode & 0o777
    }

    /// Writes the key's file. Returns false if it had the key already. A key of another account stays in its place.
    private func write(_ key: Secret, to file: FilePath) throws(SetupFailure) -> Bool {
        let (mode, group): (mode_t, gid_t?) = service.map { (0o640, $0.group) } ?? (0o600, nil)
        let present: FileDescriptor
        do {
            present = try FileDescriptor.open(file, .readOnly, options: [.noFollow, .nonBlocking, .closeOnExec])
        } catch Errno.noSuchFileOrDirectory {
            try NewFile.write(key.revealed + "\n", to: file, mode: mode, group: group)
            return true
        } catch {
            throw SetupFailure("\(file) is there and cannot be read: \(error)")
        }
        do {
            try present.closeAfter {
                var status = stat()
                guard fstat(present.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
                    String(decoding: try present.readAll(most: 8192), as: UTF8.self).trimmed == key.revealed
                else {
                    throw SetupFailure("\(file) has another key already: give another --account, or remove it")
                }
                try NewFile.give(present, mode: mode, group: group)
            }
        } catch let failure as SetupFailure {
            throw failure
        } catch {
            throw SetupFailure("\(file) cannot be given its rights: \(error)")
        }
        return false
    }

    /// Makes the directories that are not there, whatever the umask. In a folder, the service's group may write, and so
    /// may who called sudo.
    private func make(_ directory: FilePath, isFolder: Bool) throws(SetupFailure) {
        var status = stat()
        if directory.withPlatformString({ stat($0, &status) }) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else { throw SetupFailure("\(directory) is no directory") }
            return
        }
        let parent = directory.removingLastComponent()
        if parent != directory { try make(parent, isFolder: false) }
        guard directory.withPlatformString({ mkdir($0, 0o755) }) == 0 else {
            throw SetupFailure("\(directory) cannot be made: \(Errno(rawValue: errno))")
        }
        guard let service else { return }
        do {
            let made = try FileDescriptor.open(directory, .readOnly, options: [.directory, .noFollow, .closeOnExec])
            try made.closeAfter {
                let person = environment["SUDO_UID"].flatMap(uid_t.init) ?? 0
                if isFolder {
                    try NewFile.give(made, mode: 0o2775, owner: person, group: service.group)
                } else {
                    try NewFile.give(made, mode: 0o755, group: nil)
                }
            }
        } catch {
            throw SetupFailure("\(directory) cannot be given to group \(ServiceUser.name): \(error)")
        }
    }
}

/// Why a setup cannot go on, for a person.
struct SetupFailure: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
