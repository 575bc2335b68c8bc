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

    /// Looks which folders answer at all: blocks for as long as ``FolderProbe``.
    init(configuration: Configuration, environment: [String: String]) {
        self.configuration = configuration
        self.environment = environment
        silent = FolderProbe.silent(among: configuration.folders.map(\.path))
    }

    /// The keys by account, or all that is wrong.
    func run(file: String) throws(ConfigurationError) -> [String: Secret] {
        var problems = names() + folders() + nesting() + manifestPlaces() + manifestFiles()
        var keys: [String: Secret] = [:]
        if inlineKeyIsExposed(in: file) {
            problems.append(
                configuration.places[""].saying(
                    "\(file) holds an api_key and can be read by every user: chmod 600 \(file)"
                )
            )
        }
        for account in configuration.accounts {
            do throws(KeyProblem) {
                keys[account.name] = try account.key.read(environment)
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
                return folder.places["limits"].saying(
                    "\(name) is \(own), but account \(account.name) allows \(cap) at most"
                )
            }
        }
    }

    private func folders() -> [ConfigurationError.Problem] {
        configuration.folders.flatMap { folder -> [ConfigurationError.Problem] in
            if silent.contains(folder.path) { return [] }
            if let reason = trouble(with: folder.path, access: R_OK | X_OK) {
                return [folder.places["path"].saying(reason)]
            }
            guard folder.afterUpload != .keep else { return [] }
            if access(folder.path.string, W_OK) != 0 {
                return [folder.places["after_upload"].saying("\(folder.path) cannot be written to, which this needs")]
            }
            guard case .move(let target) = folder.afterUpload else { return [] }
            if let reason = trouble(with: target, access: W_OK | X_OK) {
                return [folder.places["after_upload"].saying(reason)]
            }
            if device(of: target) != device(of: folder.path) {
                let reason =
                    "\(target) must be on the file system of \(folder.path), so that a move is whole"
                return [folder.places["after_upload"].saying(reason)]
            }
            return []
        }
    }

    /// Why a directory will not do; nil when it will.
    private func trouble(with path: FilePath, access mode: CInt) -> String? {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0 else {
            return errno == ENOENT ? "\(path) does not exist: mkdir -p \(path)" : "\(path): \(Errno(rawValue: errno))"
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return "\(path) is not a directory" }
        guard path.withPlatformString({ access($0, mode) }) == 0 else {
            return "\(path) cannot be \(mode & W_OK != 0 ? "written to" : "read") by this user: permission denied"
        }
        return nil
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
                guard path != second.1, path.starts(with: second.1) else { return nil }
                return folder.places["path"].saying(
                    "\(folder.path) lies in \(second.0.path), which is watched as \(second.0.name)"
                )
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
            if case .move(let target) = folder.afterUpload { places.append((folder.places["after_upload"], target)) }
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

    private func inlineKeyIsExposed(in file: String) -> Bool {
        let hasKey = configuration.accounts.contains { account in
            if case .inline(let key) = account.key {
                account.provider != .sandbox && !key.revealed.isEmpty
            } else {
                false
            }
        }
        var status = stat()
        return hasKey && stat(file, &status) == 0 && status.st_mode & 0o007 != 0
    }
}
