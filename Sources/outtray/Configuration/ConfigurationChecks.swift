import Glibc
import Pipeline
import Providers
import SystemPackage

/// What a configuration needs of the machine, looked at before anything starts: folders, keys, and where things lie.
struct ConfigurationChecks {
    let configuration: Configuration
    let environment: [String: String]
    /// Folders whose file system does not answer; they are not asked.
    let silent: Set<FilePath>
    private let surroundings: Surroundings

    /// Looks which folders answer at all: blocks for as long as ``FolderProbe``.
    init(configuration: Configuration, environment: [String: String]) {
        self.configuration = configuration
        self.environment = environment
        surroundings = Surroundings(environment)
        silent = FolderProbe.silent(among: configuration.folders.map(\.path))
    }

    /// The keys by account, or all that is wrong.
    func run(file: String) throws(ConfigurationError) -> [String: Secret] {
        var problems = names() + folders() + nesting() + manifestPlaces() + manifestFiles() + ownFiles(in: file)
        var keys: [String: Secret] = [:]
        if let command = closingInlineKey(in: file) {
            problems.append(
                configuration.places[""].saying("\(file) holds an api_key and can be read by every user: \(command)")
            )
        }
        for account in configuration.accounts {
            do throws(KeyProblem) {
                keys[account.name] = try account.key.read(environment, in: surroundings)
            } catch {
                problems.append(account.places[account.key.name].saying(error.reason))
            }
        }
        guard problems.isEmpty else { throw ConfigurationError(file: file, problems: problems) }
        return keys
    }

    /// Each folder's account is there, and its limits do not raise the account's.
    private func names() -> [ConfigurationError.Problem] {
        configuration.folders.flatMap { folder -> [ConfigurationError.Problem] in
            guard let account = configuration.account(folder.account) else {
                let known = configuration.accounts.map(\.name).joined(separator: ", ")
                return [
                    folder.places["account"].saying("account \"\(folder.account)\" is not among accounts (\(known))")
                ]
            }
            return MediaKind.allCases.compactMap { kind in
                guard let own = folder.limits[kind], let cap = account.limits[kind], own > cap else { return nil }
                let name = kind.rawValue.lowercased()
                return folder.places["limits.\(name)"].saying(
                    "\(name) is \(own), but account \(account.name) allows \(cap) at most"
                )
            }
        }
    }

    private func folders() -> [ConfigurationError.Problem] {
        configuration.folders.flatMap { folder -> [ConfigurationError.Problem] in
            if silent.contains(folder.path) { return [] }
            if let reason = trouble(with: folder.path, for: .read) {
                return [folder.places["path"].saying(reason)]
            }
            guard folder.afterUpload != .keep else { return [] }
            if let reason = trouble(with: folder.path, for: .write) {
                return [folder.places["after_upload"].saying(reason)]
            }
            guard case .move(let target) = folder.afterUpload else { return [] }
            if let reason = trouble(with: target, for: .write) {
                return [folder.places["after_upload.move"].saying(reason)]
            }
            if device(of: target) != device(of: folder.path) {
                let reason =
                    "\(target) must be on the file system of \(folder.path), so that a move is whole"
                return [folder.places["after_upload.move"].saying(reason)]
            }
            return []
        }
    }

    /// Why a directory will not do; nil when it will.
    private func trouble(with path: FilePath, for need: DirectoryTrouble.Need) -> String? {
        DirectoryTrouble.of(path, for: need)?.words(for: path, in: surroundings)
    }

    private func device(of path: FilePath) -> dev_t? {
        var status = stat()
        return path.withPlatformString { stat($0, &status) } == 0 ? status.st_dev : nil
    }

    /// No folder is another one or lies in another one, by its real path: each file belongs to one.
    private func nesting() -> [ConfigurationError.Problem] {
        let real = configuration.folders.map { ($0, resolved($0.path)) }
        return real.enumerated().flatMap { index, first in
            real.enumerated().compactMap { other, second -> ConfigurationError.Problem? in
                let (folder, path) = first
                if index > other, path == second.1 {
                    return folder.places["path"].saying("\(folder.path) is watched as \(second.0.name) already")
                }
                if index > other, isSame(path, second.1) {
                    return folder.places["path"].saying(
                        "\(folder.path) is the same directory as \(second.0.path), which is watched as \(second.0.name)"
                    )
                }
                guard index != other, lies(path, within: second.1) else { return nil }
                return folder.places["path"].saying(
                    "\(folder.path) lies in \(second.0.path), which is watched as \(second.0.name)"
                )
            }
        }
    }

    /// One directory under two paths: a bind mount.
    private func isSame(_ path: FilePath, _ other: FilePath) -> Bool {
        identity(of: path).map { $0 == identity(of: other) } ?? false
    }

    /// By its path, or by a directory above it that is the other one under another name.
    private func lies(_ path: FilePath, within other: FilePath) -> Bool {
        if path == other { return false }
        if path.starts(with: other) { return true }
        guard let root = identity(of: other), root != identity(of: path) else { return false }
        var above = path.removingLastComponent()
        while !above.components.isEmpty {
            if identity(of: above) == root { return true }
            above.removeLastComponent()
        }
        return false
    }

    /// Device and inode; nil where it is not there, or does not answer.
    private func identity(of path: FilePath) -> [UInt64]? {
        if silent.contains(where: { path.starts(with: $0) }) { return nil }
        var status = stat()
        return path.withPlatformString { stat($0, &status) } == 0
            ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
    }

    /// The manifest's files are replaced: they may not be what something else needs.
    private func ownFiles(in file: String) -> [ConfigurationError.Problem] {
        let manifest = configuration.manifest
        let state = resolved(configuration.stateDirectory)
        var others = ["outtray.db", "outtray.db-wal", "outtray.db-shm", "outtray.lock"].map {
            (path: state.appending($0), what: "the ledger's")
        }
        if file.hasPrefix("/") { others.append((resolved(FilePath(file)), "the configuration itself")) }
        for account in configuration.accounts {
            if case .file(let key) = account.key {
                others.append((resolved(key), "the key of account \(account.name)"))
            }
        }
        let own = [(manifest.places["path"], manifest.path), (manifest.places["journal"], manifest.journal)]
        return own.compactMap { place, path in
            others.first { $0.path == resolved(path) }.map {
                place.saying("\(path) is \($0.what) and would be replaced by the manifest: give it a name of its own")
            }
        }
    }

    /// What we write ourselves, and what we move away, is not to be uploaded.
    private func manifestPlaces() -> [ConfigurationError.Problem] {
        let state = resolved(configuration.stateDirectory)
        var places = [(configuration.places["state_dir"], configuration.stateDirectory)]
        let manifest = configuration.manifest
        for (place, path) in [(manifest.places["path"], manifest.path), (manifest.places["journal"], manifest.journal)]
        // By default they lie in the state directory, which says it all.
        where resolved(path).removingLastComponent() != state { places.append((place, path)) }
        for folder in configuration.folders {
            if case .move(let target) = folder.afterUpload {
                places.append((folder.places["after_upload.move"], target))
            }
        }
        return places.compactMap { place, path in
            let real = resolved((try? path.followingLinks()) ?? path)
            guard let folder = configuration.folders.first(where: { real.starts(with: resolved($0.path)) }) else {
                return nil
            }
            return place.saying("\(path) lies in \(folder.path), which is watched as \(folder.name)")
        }
    }

    /// With all links followed, as far as the path is there, and answers.
    private func resolved(_ path: FilePath) -> FilePath {
        if silent.contains(where: { path.starts(with: $0) }) { return path }
        if let real = path.withPlatformString({ realpath($0, nil) }) {
            defer { free(real) }
            return FilePath(platformString: real)
        }
        guard let last = path.lastComponent else { return path }
        return resolved(path.removingLastComponent()).appending(last)
    }

    /// The command that closes a configuration that holds a key and is open to all.
    private func closingInlineKey(in file: String) -> String? {
        let hasKey = configuration.accounts.contains { account in
            if case .inline(let key) = account.key {
                account.provider != .sandbox && !key.revealed.isEmpty
            } else {
                false
            }
        }
        var status = stat()
        guard hasKey, stat(file, &status) == 0, KeyFileRights(status).isOpenToAll else { return nil }
        return KeyFileRights(status).closing(FilePath(file), in: surroundings)
    }
}
