import Foundation
import Glibc
import Pipeline
import Providers
import SystemPackage

/// Where a setup puts its files, and for whom: for the machine's service, or for this user alone.
struct SetupPlace {
    /// The user and group that the unit's service runs as.
    struct ServiceUser {
        static let name = "outtray"

        let group: gid_t

        /// Nil if the machine has none, as without the package.
        static func find() -> ServiceUser? {
            getgrnam(name).map { ServiceUser(group: $0.pointee.gr_gid) }
        }
    }

    let configuration: FilePath
    /// Nil for a setup of one user.
    let service: ServiceUser?
    /// The state directory that the configuration has to name; nil for the default.
    let stateDirectory: FilePath?
    /// What is proposed as the folder.
    let folder: FilePath

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
    }

    func keyFile(of account: String) -> FilePath {
        configuration.removingLastComponent().appending("\(account).key")
    }

    /// What the configuration file has now: nil if it is not there, or has nothing but comments.
    ///
    /// - Throws: ``SetupFailure``.
    func present() throws(SetupFailure) -> (text: String, isEmpty: Bool)? {
        let bytes: [UInt8]
        do {
            bytes = try RegularFile.content(of: configuration)
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch {
            throw SetupFailure("\(configuration) cannot be read: \(error)")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let isEmpty = text.split(separator: "\n").allSatisfy { line in
            let line = line.trimmed
            return line.isEmpty || line.hasPrefix("#") || line == "---"
        }
        return (text, isEmpty)
    }

    /// Writes key, folder and configuration: the configuration last, so that it never names what is not there. What
    /// cannot be written leaves no configuration, and the setup can be done again.
    func write(_ answers: SetupAnswers, keeping comments: String?) throws(SetupFailure) {
        try make(configuration.removingLastComponent(), for: nil)
        let keyFile = keyFile(of: answers.account)
        if let key = answers.key { try write(key, to: keyFile) }
        try make(answers.folder, for: service)
        let text = answers.yaml(keyFile: keyFile) + (comments.map { "\n" + $0 } ?? "")
        try write(text, to: configuration, mode: 0o644)
    }

    /// A key of another account may lie in its place. It stays.
    private func write(_ key: Secret, to file: FilePath) throws(SetupFailure) {
        if let bytes = try? RegularFile.content(of: file) {
            guard String(decoding: bytes, as: UTF8.self).trimmed == key.revealed else {
                throw SetupFailure("\(file) has another key already: give another --account, or remove it")
            }
        } else {
            try write(key.revealed + "\n", to: file, mode: 0o600)
        }
        guard let service else { return }
        guard chown(file.string, 0, service.group) == 0, chmod(file.string, 0o640) == 0 else {
            throw SetupFailure("\(file) cannot be given to group \(ServiceUser.name): \(Errno(rawValue: errno))")
        }
    }

    private func write(_ text: String, to file: FilePath, mode: mode_t) throws(SetupFailure) {
        do {
            let atomic = try AtomicFile(file, mode: FilePermissions(rawValue: mode))
            try atomic.write(text)
            try atomic.commit()
        } catch {
            throw SetupFailure("\(error)")
        }
    }

    /// Makes a directory that is not there. The service's group may write there, and so may who called sudo.
    private func make(_ directory: FilePath, for service: ServiceUser?) throws(SetupFailure) {
        var status = stat()
        if stat(directory.string, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else { throw SetupFailure("\(directory) is no directory") }
            return
        }
        do {
            try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        } catch {
            throw SetupFailure("\(directory) cannot be made: \((error as NSError).localizedDescription)")
        }
        guard let service else { return }
        let person = ProcessInfo.processInfo.environment["SUDO_UID"].flatMap(uid_t.init) ?? 0
        guard chown(directory.string, person, service.group) == 0, chmod(directory.string, 0o2775) == 0 else {
            throw SetupFailure("\(directory) cannot be given to group \(ServiceUser.name): \(Errno(rawValue: errno))")
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
