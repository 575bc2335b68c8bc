import Control
import Foundation
import Pipeline
import Providers
import SystemPackage

/// Where the configuration is, and how it is read and checked.
struct ConfigurationFile: Sendable {
    let path: String
    let environment: [String: String]

    init(given: String?, environment: [String: String]) {
        self.environment = environment
        let system = "/etc/outtray/outtray.yaml"
        let own = environment["HOME"].map { "\($0)/.config/outtray/outtray.yaml" }
        path = given ?? [system, own].compactMap(\.self).first { FileManager.default.fileExists(atPath: $0) } ?? system
    }

    /// Reads the file, without checking the machine.
    func read() throws(ConfigurationError) -> Configuration {
        let bytes: [UInt8]
        do {
            bytes = try RegularFile.content(of: FilePath(path))
        } catch Errno.noSuchFileOrDirectory {
            throw problem("there is no such file, and no ~/.config/outtray/outtray.yaml (see --config)")
        } catch {
            throw problem("it cannot be read: \(error)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw problem("it is not UTF-8 text") }
        return try Configuration.read(text, file: path, environment: environment)
    }

    private func problem(_ reason: String) -> ConfigurationError {
        ConfigurationError(file: path, problems: [.init(key: "", reason: reason)])
    }

    /// Reads the file, checks what it needs of the machine, and reads the accounts' keys. Blocks.
    ///
    /// A start and a reload use this one check. Without `needsFolders`, nobody looks for hindrances. `needsSocket`: the
    /// control socket is to be made, and what listens over TCP.
    func readAndCheck(needsFolders: Bool, needsSocket: Bool = false) throws(ConfigurationError) -> CheckedConfiguration
    {
        let configuration = try read()
        let checks = look(at: configuration)
        let outcome = try checks.run(file: path, needsFolders: needsFolders, needsSocket: needsSocket)
        return CheckedConfiguration(
            configuration: configuration,
            keys: outcome.keys,
            listen: outcome.listen,
            hindrances: needsFolders ? checks.hindrances : []
        )
    }

    /// Looks which folders answer, for the checks that follow. Blocks for as long as ``FolderProbe/look(at:)``.
    func look(at configuration: Configuration) -> ConfigurationChecks {
        ConfigurationChecks(
            configuration: configuration,
            environment: environment,
            probe: FolderProbe.look(at: configuration.folders)
        )
    }
}

/// A configuration that fits this machine, with what its files hold.
struct CheckedConfiguration: Sendable {
    let configuration: Configuration
    /// By account.
    let keys: [String: Secret]
    let listen: ListenPlan?
    /// What keeps folders from being watched, or files from leaving them.
    let hindrances: [FolderHindrance]
}
