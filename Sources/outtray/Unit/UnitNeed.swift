import Pipeline
import SystemPackage

/// Something on the disk that the service needs, and for what.
struct UnitNeed: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        /// To read the names and files of a directory.
        case readDirectory
        /// To make and remove files in a directory as well.
        case writeDirectory
        case readFile
        /// To start a program.
        case runFile
    }

    /// What the finding is named after, and whose.
    let name: Finding.Name
    var subject = ""
    let path: FilePath
    let kind: Kind
    /// What is for it, in words that follow the path.
    let purpose: String
    /// How bad it is where it is not given.
    let verdict: Finding.Verdict
    /// Whether files of other users are taken out of the directory. Where only its own are, a sticky bit does no harm.
    var removes = false

    /// What its rights must allow.
    var needs: FileRights.Needs {
        switch kind {
        case .readDirectory: [.read, .enter]
        case .writeDirectory: [.read, .write, .enter]
        case .readFile: [.read]
        case .runFile: [.read, .enter]
        }
    }

    var writes: Bool { kind == .writeDirectory }
}

extension UnitNeed {
    /// All that a configuration needs, in the order of `outtray check`. `file` is the configuration file.
    ///
    /// `following` tells where the links of a file lead, as the manifest's are followed.
    static func all(
        of configuration: Configuration,
        file: FilePath,
        following: (FilePath) -> FilePath = { (try? $0.followingLinks()) ?? $0 }
    ) -> [UnitNeed] {
        var all = [
            UnitNeed(name: .configuration, path: file, kind: .readFile, purpose: "the configuration", verdict: .wrong),
            UnitNeed(
                name: .state,
                path: configuration.stateDirectory,
                kind: .writeDirectory,
                purpose: "the ledger",
                verdict: .denied
            ),
        ]
        let manifest = configuration.manifest
        let ofFleet = configuration.fleet.map { [($0.manifest, "the fleet's manifest")] } ?? []
        for (path, what) in [(manifest.path, "the manifest"), (manifest.journal, "the journal")] + ofFleet {
            let directory = following(path).removingLastComponent()
            guard !all.contains(where: { $0.path == directory && $0.writes }) else { continue }
            all.append(
                UnitNeed(name: .manifest, path: directory, kind: .writeDirectory, purpose: what, verdict: .wrong)
            )
        }
        for account in configuration.accounts {
            all += key(account.key, .key, account.name)
        }
        all += configuration.folders.flatMap(folder)
        for hook in configuration.hooks {
            switch hook.action {
            case .command(let command):
                let need = UnitNeed(
                    name: .hook,
                    subject: hook.name,
                    path: FilePath(command.first ?? "/"),
                    kind: .runFile,
                    purpose: "the hook's command",
                    verdict: .waiting
                )
                all.append(need)
            case .webhook(_, let secret?, _): all += key(secret, .hook, hook.name)
            case .webhook: break
            }
        }
        if let listen = configuration.listen {
            for source in [listen.token, listen.tls?.certificate, listen.tls?.key].compactMap(\.self) {
                all += key(source, .listen, "")
            }
        }
        return all
    }

    private static func key(_ source: KeySource, _ name: Finding.Name, _ subject: String) -> [UnitNeed] {
        guard case .file(let path) = source else { return [] }
        return [
            UnitNeed(name: name, subject: subject, path: path, kind: .readFile, purpose: "its key", verdict: .wrong)
        ]
    }

    private static func folder(_ folder: Configuration.Folder) -> [UnitNeed] {
        let isLeft = folder.afterUpload != .keep
        let purpose = isLeft ? "files leave it" : folder.acceptsDrops ? "files come by the page" : "files go up"
        let own = UnitNeed(
            name: .folder,
            subject: folder.name,
            path: folder.path,
            kind: isLeft || folder.acceptsDrops ? .writeDirectory : .readDirectory,
            purpose: purpose,
            verdict: .waiting,
            removes: isLeft
        )
        guard let target = folder.target else { return [own] }
        return [
            own,
            UnitNeed(
                name: .folder,
                subject: folder.name,
                path: target,
                kind: .writeDirectory,
                purpose: "files are moved there",
                verdict: .waiting
            ),
        ]
    }
}
