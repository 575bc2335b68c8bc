import Control
import Glibc
import Pipeline
import Providers
import SystemPackage
import Watch

/// What a configuration needs of the machine: keys, and where things lie. Checked before anything starts.
///
/// The checks follow a look at the folders (``FolderProbe``), which may block for long. They ask the disk themselves,
/// but no file system that did not answer then.
///
/// What keeps a folder from being watched is no mistake of the configuration: see ``hindrance(of:)``.
struct ConfigurationChecks {
    let configuration: Configuration
    let environment: [String: String]
    /// What the look at the configuration's folders told.
    let probe: FolderProbe
    let surroundings: Surroundings

    init(configuration: Configuration, environment: [String: String], probe: FolderProbe) {
        self.configuration = configuration
        self.environment = environment
        self.probe = probe
        surroundings = Surroundings(environment)
    }

    /// What the checks have read, for those who go on with it.
    struct Outcome {
        /// By account.
        var keys: [String: Secret] = [:]
        /// Nil without a TCP listener, or where no socket is needed.
        var listen: ListenPlan?
    }

    /// A folder that is missing, is closed to this user or does not answer is no problem. It is waited for, while the
    /// others are watched.
    ///
    /// - Throws: All problems at once.
    func run(file: String, needsFolders: Bool, needsSocket: Bool = false) throws(ConfigurationError) -> Outcome {
        var problems = names() + nesting() + manifestPlaces() + ownFiles(in: file)
        // Who takes the place of a known file is told which.
        let told = Set(problems.map(\.key))
        problems += manifestFiles().filter { !told.contains($0.key) } + manifestDirectories()
        if needsFolders, configuration.folders.isEmpty {
            problems.append(.init(key: "folders", reason: "no folder is named"))
        }
        var outcome = Outcome()
        if needsSocket {
            problems += socketPlace()
            do throws(ConfigurationProblems) {
                outcome.listen = try listenPlan()
            } catch {
                problems += error.list
            }
        }
        if let command = closingInlineKey(in: file) {
            problems.append(
                configuration.places[""].saying("\(file) holds an api_key and can be read by every user: \(command)")
            )
        }
        for account in configuration.accounts {
            do throws(KeyProblem) {
                outcome.keys[account.name] = try account.key.read(environment, in: surroundings)
            } catch {
                problems.append(account.places[account.key.name].saying(error.reason))
            }
        }
        problems += hookSecrets() + fleetTargets(outcome.keys) + fleetDatabase()
        guard problems.isEmpty else { throw ConfigurationError(file: file, problems: problems) }
        return outcome
    }

    /// Checks that the secrets of webhooks can be read. They are read again with each call.
    private func hookSecrets() -> [ConfigurationError.Problem] {
        configuration.hooks.compactMap { hook in
            guard case .webhook(_, let secret?, _) = hook.action else { return nil }
            do throws(KeyProblem) {
                _ = try secret.read(environment, in: surroundings, instead: "secret_file as an absolute path")
                return nil
            } catch {
                return hook.places["secret_file"].saying(error.reason)
            }
        }
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
            return MediaKind.allCases.flatMap { kind in
                widenings(of: kind, folder, account).map { folder.places["limits.\(kind.key)"].saying($0) }
            }
        }
    }

    /// Where a folder allows what its account does not, in words.
    private func widenings(
        of kind: MediaKind,
        _ folder: Configuration.Folder,
        _ account: Configuration.Account
    ) -> [String] {
        var words: [String] = []
        if let own = folder.limits[kind], let cap = account.limits[kind], own > cap {
            words.append("\(kind.key) is \(own), but account \(account.name) allows \(cap) at most")
        }
        let (own, others) = (folder.rules[kind], account.rules[kind])
        func compare(_ name: String, _ own: Bounds, _ others: Bounds, _ number: (Int64) -> String) {
            guard own.exceeds(others) else { return }
            let limits = (MediaWords.limit(own, number), MediaWords.limit(others, number))
            words.append("\(kind.key).\(name) is \(limits.0), but account \(account.name) allows \(limits.1)")
        }
        compare("pixels", own.pixels, others.pixels, \.grouped)
        compare("seconds", own.duration, others.duration, MediaWords.seconds)
        return words
    }

    /// Checks that no two folders overlap. Each file belongs to one folder.
    private func nesting() -> [ConfigurationError.Problem] {
        let placed = configuration.folders.map { ($0, probe.place(of: $0.path)) }
        return placed.enumerated().flatMap { index, first in
            placed.enumerated().compactMap { other, second -> ConfigurationError.Problem? in
                let (folder, place) = first
                guard index != other, let overlap = place.overlap(with: second.1) else { return nil }
                let known = "which is watched as \(second.0.name)"
                return switch overlap {
                case .same where index < other, .shared where index < other, .around: nil
                case .same where place.path == second.1.path:
                    folder.places["path"].saying("\(folder.path) is watched as \(second.0.name) already")
                case .same:
                    folder.places["path"].saying("\(folder.path) is the same directory as \(second.0.path), \(known)")
                case .inside: folder.places["path"].saying("\(folder.path) lies in \(second.0.path), \(known)")
                case .shared:
                    folder.places["path"].saying(
                        "a directory that is mounted in \(folder.path) also shows in \(second.0.path), \(known)"
                    )
                }
            }
        }
    }

    /// Checks that the manifest's files are not files that something else needs. They are replaced.
    private func ownFiles(in file: String) -> [ConfigurationError.Problem] {
        let manifest = configuration.manifest
        let state = resolved(configuration.stateDirectory)
        var others = ["outtray.db", "outtray.db-wal", "outtray.db-shm", "outtray.db-seal", "outtray.lock"].map {
            (path: state.appending($0), what: "the ledger's")
        }
        others.append((state.appending("control.sock"), "the control socket"))
        if file.hasPrefix("/") { others.append((resolved(FilePath(file)), "the configuration itself")) }
        for account in configuration.accounts {
            if case .file(let key) = account.key {
                others.append((resolved(key), "the key of account \(account.name)"))
            }
        }
        for hook in configuration.hooks {
            if case .webhook(_, .file(let secret)?, _) = hook.action {
                others.append((resolved(secret), "the secret of hook \(hook.name)"))
            }
        }
        others += listenerFiles.map { (resolved($0.path), $0.what) }
        let taken = manifestPaths.compactMap { place, path in
            others.first { $0.path == target(of: path) }.map {
                place.saying("\(path) is \($0.what) and would be replaced by the manifest: give it a name of its own")
            }
        }
        guard taken.isEmpty else { return taken }
        if target(of: manifest.path) == target(of: manifest.journal) {
            return [manifest.places["journal"].saying("\(manifest.path) and \(manifest.journal) are one file")]
        }
        return fleetFiles()
    }

    /// Checks that no folder holds files that we write ourselves or move away. Such files must not go up.
    private func manifestPlaces() -> [ConfigurationError.Problem] {
        let state = resolved(configuration.stateDirectory)
        var places = [(configuration.places["state_dir"], configuration.stateDirectory)]
        // By default they lie in the state directory, and its own check covers them.
        for (place, path) in manifestPaths where target(of: path).removingLastComponent() != state {
            places.append((place, path))
        }
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
        manifestPaths.compactMap { place, path in
            let directory = ((try? path.followingLinks()) ?? path).removingLastComponent()
            if directory == configuration.stateDirectory, access(directory.string, F_OK) != 0 { return nil }
            // A path within a watched folder is reported anyway.
            if watcher(of: path) != nil { return nil }
            return DirectoryTrouble.of(directory, for: .write).map {
                place.saying($0.words(for: directory, in: surroundings))
            }
        }
    }

    /// Checks that the control socket can have its path.
    private func socketPlace() -> [ConfigurationError.Problem] {
        let place = SocketPlace(environment, stateDirectory: configuration.stateDirectory)
        guard let problem = place.problem else { return [] }
        return [configuration.places[place.isRuntime ? "" : "state_dir"].saying(problem)]
    }

    /// The folder that a path lies in.
    private func watcher(of path: FilePath) -> Configuration.Folder? {
        let place = probe.place(of: target(of: path))
        return configuration.folders.first {
            [.same, .inside].contains(place.overlap(with: probe.place(of: $0.path)))
        }
    }

    /// The path that a file of ours is written to. Its links are followed, even if nothing is there yet.
    func target(of path: FilePath) -> FilePath {
        if probe.isSilent(path) { return path }
        return resolved((try? path.followingLinks()) ?? path)
    }

    /// The path with all links followed, as far as it exists and answers.
    private func resolved(_ path: FilePath) -> FilePath {
        if probe.isSilent(path) { return path }
        return path.resolved()
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
