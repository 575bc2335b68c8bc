import Glibc
import Pipeline
import Providers
import SystemPackage

/// What a configuration needs of the machine: keys, and where things lie. Checked before anything starts.
///
/// What keeps a folder from being watched is no mistake of the configuration: see ``hindrance(of:)``.
struct ConfigurationChecks {
    let configuration: Configuration
    let environment: [String: String]
    /// Folders, and targets of `move`, whose file system does not answer. They are not asked.
    let silent: Set<FilePath>
    let surroundings: Surroundings

    /// Looks which folders answer at all. Blocks for as long as ``FolderProbe``.
    init(configuration: Configuration, environment: [String: String]) {
        self.configuration = configuration
        self.environment = environment
        surroundings = Surroundings(environment)
        silent = FolderProbe.silent(among: configuration.folders.flatMap { [$0.path] + ($0.target.map { [$0] } ?? []) })
    }

    /// Returns the keys by account.
    ///
    /// A folder that is missing, is closed to this user or does not answer is no problem. It is waited for, while the
    /// others are watched.
    ///
    /// - Throws: All problems at once.
    func run(file: String, needsFolders: Bool) throws(ConfigurationError) -> [String: Secret] {
        var problems =
            names() + nesting() + manifestPlaces() + manifestFiles() + manifestDirectories()
            + ownFiles(in: file)
        if needsFolders, configuration.folders.isEmpty {
            problems.append(.init(key: "folders", reason: "no folder is named"))
        }
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

    /// Checks that each folder's account exists, and that its limits do not raise the account's.
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

    /// Checks that no folder equals or contains another one, by real paths. Each file belongs to one folder.
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

    /// Whether two paths are one directory: a bind mount.
    private func isSame(_ path: FilePath, _ other: FilePath) -> Bool {
        identity(of: path).map { $0 == identity(of: other) } ?? false
    }

    /// Whether `path` lies within `other`: by its path, or because a directory above it is `other` under another name.
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

    /// Device and inode; nil if the path is missing or does not answer.
    private func identity(of path: FilePath) -> [UInt64]? {
        if silent.contains(where: { path.starts(with: $0) }) { return nil }
        var status = stat()
        return path.withPlatformString { stat($0, &status) } == 0
            ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
    }

    /// Checks that the manifest's files are not files that something else needs. They are replaced.
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
        let taken = own.compactMap { place, path in
            others.first { $0.path == target(of: path) }.map {
                place.saying("\(path) is \($0.what) and would be replaced by the manifest: give it a name of its own")
            }
        }
        guard taken.isEmpty, target(of: manifest.path) == target(of: manifest.journal) else { return taken }
        return [manifest.places["journal"].saying("\(manifest.path) and \(manifest.journal) are one file")]
    }

    /// Checks that no folder holds files that we write ourselves or move away. Such files must not go up.
    private func manifestPlaces() -> [ConfigurationError.Problem] {
        let state = resolved(configuration.stateDirectory)
        var places = [(configuration.places["state_dir"], configuration.stateDirectory)]
        let manifest = configuration.manifest
        for (place, path) in [(manifest.places["path"], manifest.path), (manifest.places["journal"], manifest.journal)]
        // By default they lie in the state directory, and its own check covers them.
        where target(of: path).removingLastComponent() != state { places.append((place, path)) }
        for folder in configuration.folders {
            if let target = folder.target { places.append((folder.places["after_upload.move"], target)) }
        }
        return places.compactMap { place, path in
            guard let folder = watcher(of: path) else { return nil }
            return place.saying("\(path) lies in \(folder.path), which is watched as \(folder.name)")
        }
    }

    /// Checks that the manifest's files can be made and replaced at their places.
    ///
    /// Only the state directory may be missing, because a start makes it.
    private func manifestDirectories() -> [ConfigurationError.Problem] {
        let manifest = configuration.manifest
        return [(manifest.places["path"], manifest.path), (manifest.places["journal"], manifest.journal)].compactMap {
            place,
            path in
            let directory = ((try? path.followingLinks()) ?? path).removingLastComponent()
            if directory == configuration.stateDirectory, access(directory.string, F_OK) != 0 { return nil }
            // A path within a watched folder is reported anyway.
            if watcher(of: path) != nil { return nil }
            return DirectoryTrouble.of(directory, for: .write).map {
                place.saying($0.words(for: directory, in: surroundings))
            }
        }
    }

    /// The folder that a path lies in.
    private func watcher(of path: FilePath) -> Configuration.Folder? {
        let real = target(of: path)
        return configuration.folders.first { real.starts(with: resolved($0.path)) }
    }

    /// The path that a file of ours is written to. Its links are followed, even if nothing is there yet.
    private func target(of path: FilePath) -> FilePath {
        if silent.contains(where: { path.starts(with: $0) }) { return path }
        return resolved((try? path.followingLinks()) ?? path)
    }

    /// The path with all links followed, as far as it exists and answers.
    private func resolved(_ path: FilePath) -> FilePath {
        if silent.contains(where: { path.starts(with: $0) }) { return path }
        if let real = path.withPlatformString({ realpath($0, nil) }) {
            defer { free(real) }
            return FilePath(platformString: real)
        }
        guard let last = path.lastComponent else { return path }
        return resolved(path.removingLastComponent()).appending(last)
    }

    /// The command that closes a configuration file to others; nil unless it holds a key and is open to all.
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
