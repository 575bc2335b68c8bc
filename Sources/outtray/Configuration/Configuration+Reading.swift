import Pipeline
import Providers
import SystemPackage
import Watch

extension Configuration {
    /// Reads the text of a configuration file. Looks at nothing but the text and the environment.
    ///
    /// ``ConfigurationChecks`` asks later whether folders and keys are there.
    static func read(
        _ text: String,
        file: String,
        environment: [String: String]
    ) throws(ConfigurationError) -> Configuration {
        do throws(ConfigurationProblems) {
            var root = ConfigurationMapping(try ConfigurationNode.root(ofYAML: text))
            let state = root.path("state_dir") ?? defaultStateDirectory(environment)
            if state == nil {
                root.report(root.node.problem("state_dir is not given, and there is no $STATE_DIRECTORY or $HOME"))
            }
            let directory = state ?? "/"
            let manifest = root.manifest(stateDirectory: directory)
            let accounts = root.named("accounts").map { root.account($0.name, $0.node) }
            var hooks = HookTrigger.allCases.flatMap { root.hooks($0) }
            let ignoreCase = root.truth("ignore_case") ?? false
            let folders = root.named("folders").map {
                root.folder($0.name, $0.node, accounts, ignoreCase: ignoreCase, &hooks)
            }
            root.reportTwins(among: hooks)
            let listen = root.listen()
            let fleet = root.fleet(accounts, stateDirectory: directory)
            let shutdownTimeout = root.duration("shutdown_timeout", atMost: Configuration.longestShutdown)
            let bandwidth = root.bandwidth()
            let problems = root.finish()
            guard problems.isEmpty else { throw ConfigurationProblems(problems) }
            var configuration = Configuration(
                stateDirectory: directory,
                manifest: manifest,
                accounts: accounts,
                folders: folders,
                hooks: hooks,
                listen: listen,
                fleet: fleet,
                places: root.places
            )
            if let bandwidth { configuration.bandwidth = bandwidth }
            if let shutdownTimeout { configuration.shutdownTimeout = shutdownTimeout }
            return configuration
        } catch {
            throw ConfigurationError(file: file, problems: error.list)
        }
    }

    /// systemd's `StateDirectory=` (the first of several), else the user's own.
    private static func defaultStateDirectory(_ environment: [String: String]) -> FilePath? {
        if let given = environment["STATE_DIRECTORY"]?.split(separator: ":").first { return FilePath(String(given)) }
        return environment["HOME"].map { FilePath($0).appending(".local/state/outtray") }
    }
}

extension ConfigurationMapping {
    /// An absolute path. `.` and extra slashes are taken out.
    mutating func path(_ name: String) -> FilePath? {
        let expected = "an absolute path, such as /srv/inbox"
        return value(name, expected: expected, hint: ConfiguredPath.trouble) { ConfiguredPath.read($0) }
    }

    fileprivate mutating func manifest(stateDirectory: FilePath) -> Configuration.Manifest {
        var manifest = Configuration.Manifest(
            path: stateDirectory.appending("manifest.json"),
            journal: stateDirectory.appending("manifest.ndjson"),
            places: ConfigurationPlaces(own: places["manifest"], members: [:])
        )
        guard let node = node("manifest") else { return manifest }
        var mapping = ConfigurationMapping(node)
        manifest.places = mapping.places
        if let path = mapping.path("path") {
            manifest.path = path
            manifest.journal = path.removingLastComponent().appending("\(path.stem ?? "manifest").ndjson")
        }
        if let journal = mapping.path("journal") { manifest.journal = journal }
        if let interval = mapping.duration("interval") { manifest.interval = interval }
        let keepGone = mapping.value("keep_gone", expected: "forever, or a duration such as 30d") {
            $0 == "forever" ? .some(nil) : Duration(configuration: $0).map(Optional.some)
        }
        if let keepGone { manifest.keepGone = keepGone }
        let mode = mapping.value("mode", expected: "a permission in octal that lets the owner write, such as 0644") {
            Int($0, radix: 8).flatMap {
                $0 & 0o600 == 0o600 && $0 <= 0o777 ? FilePermissions(rawValue: UInt32($0)) : nil
            }
        }
        if let mode { manifest.mode = mode }
        if manifest.path == manifest.journal { report(node.problem("path and journal must be two files")) }
        adopt(mapping.finish())
        return manifest
    }

    /// Adds the folder's hooks to `hooks`.
    fileprivate mutating func folder(
        _ name: String,
        _ node: ConfigurationNode,
        _ accounts: [Configuration.Account],
        ignoreCase: Bool,
        _ hooks: inout [Configuration.Hook]
    ) -> Configuration.Folder {
        var mapping = ConfigurationMapping(node)
        let path = mapping.path("path")
        let account = mapping.text("account")
        var folder = Configuration.Folder(
            name: name,
            path: path ?? "/",
            account: account ?? "",
            places: mapping.places
        )
        if path == nil, mapping.problems.isEmpty { mapping.report(node.problem("path is missing")) }
        if account == nil { mapping.report(node.problem("account is missing")) }
        let owner = accounts.first { $0.name == account }
        if let recursive = mapping.truth("recursive") { folder.recursive = recursive }
        if let watch = mapping.choice("watch", of: WatchMode.self) { folder.watch = watch }
        let polls = Configuration.shortestPoll...Configuration.longestPoll
        if let interval = mapping.duration("poll_interval", in: polls) { folder.pollInterval = interval }
        mapping.settle(&folder)
        folder.ignore = mapping.ignorePatterns("ignore")
        folder.ignoreCase = mapping.truth("ignore_case") ?? ignoreCase
        folder.sidecars = mapping.namePatterns("sidecars")
        mapping.done(&folder)
        if let limits = mapping.limits("limits") { (folder.limits, folder.rules) = (limits.sizes, limits.rules) }
        folder.accept = mapping.types("accept", of: owner)
        if let after = mapping.afterUpload("after_upload") { folder.afterUpload = after }
        if let existing = mapping.choice("existing", of: ExistingFiles.self) { folder.existing = existing }
        folder.library = mapping.library("folder_id", of: owner)
        if let acceptsDrops = mapping.truth("accept_drops") { folder.acceptsDrops = acceptsDrops }
        // An account may have several folders, so a block of it belongs to none.
        for trigger in HookTrigger.allCases where trigger != .blocked { hooks += mapping.hooks(trigger, folder: name) }
        adopt(mapping.finish())
        return folder
    }

    /// A folder of the account's provider.
    private mutating func library(_ name: String, of account: Configuration.Account?) -> String? {
        guard let text = text(name), let node = node(name), let account else { return nil }
        guard let longest = account.provider.traits.longestLibrary else {
            report(node.problem("\(account.provider.rawValue) has no folders of its own: leave it out"))
            return nil
        }
        if text.count > longest { report(node.problem("must have \(longest) characters at most")) }
        return text
    }

    /// The types that a folder takes. Each must be one that the account's provider takes; nil if the key is not given.
    private mutating func types(_ name: String, of account: Configuration.Account?) -> [MIMERange]? {
        guard let node = node(name), texts(name) != nil else { return nil }
        let accepted = account?.provider.traits.acceptedTypes
        var ranges: [MIMERange] = []
        for element in node.elements ?? [] {
            guard let text = element.text else { continue }
            guard let range = MIMERange(text) else {
                report(element.problem("must be a type such as image/jpeg, or a family such as image/*"))
                continue
            }
            if let accepted, let account, !accepted.contains(where: range.contains) {
                let known = accepted.map(\.rawValue).joined(separator: ", ")
                report(element.problem("\(account.provider.rawValue) takes no \(range); it takes \(known)"))
            }
            ranges.append(range)
        }
        if node.elements?.isEmpty == true {
            report(node.problem("a folder that takes no type takes no file: leave it out to take all"))
        }
        return ranges
    }

    /// Shell patterns for names.
    private mutating func namePatterns(_ name: String) -> [String] {
        patterns(name) { $0.map { NamePatternText.trouble(with: $0) } }
    }

    /// gitignore patterns.
    private mutating func ignorePatterns(_ name: String) -> [String] {
        patterns(name, troubles: IgnorePatternText.troubles(in:))
    }

    /// `troubles` says of each pattern in the list what is wrong with it.
    private mutating func patterns(_ name: String, troubles: ([String]) -> [String?]) -> [String] {
        guard let node = node(name) else { return [] }
        let patterns = texts(name) ?? []
        let elements = (node.elements ?? []).compactMap { element in element.text.map { (element, $0) } }
        for ((element, text), trouble) in zip(elements, troubles(elements.map(\.1))) {
            if let trouble { report(element.problem("\"\(text.cut)\": \(trouble)")) }
        }
        return patterns
    }

    /// `keep`, `delete`, or the mapping `move: /srv/done`.
    private mutating func afterUpload(_ name: String) -> AfterUpload? {
        guard let node = node(name) else { return nil }
        switch node.text {
        case "keep": return .keep
        case "delete": return .delete
        default: break
        }
        // `after_upload: move: /srv/done` on one line is not YAML. People write it with a line break, or as one text.
        if let text = node.text, text.hasPrefix("move:") {
            if let path = ConfiguredPath.read(String(text.dropFirst("move:".count).trimmed)) { return .move(path) }
        } else if node.members?.count == 1 {
            var mapping = ConfigurationMapping(node)
            let path = mapping.path("move")
            let problems = mapping.finish()
            adopt(problems)
            if let path { return .move(path) }
            if !problems.isEmpty { return nil }
        }
        report(node.problem("must be keep, delete, or {move: /an/absolute/path}"))
        return nil
    }
}
