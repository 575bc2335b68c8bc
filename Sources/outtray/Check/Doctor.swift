import Control
import Dispatch
import Glibc
import Ledger
import Pipeline
import Providers
import SystemPackage
import Watch

/// What `outtray check` finds on this machine, in the order of its lines. Sends nothing, and changes nothing.
///
/// Each look that may hang has a time limit. A folder whose file system did not answer is not asked again.
struct Doctor {
    let file: ConfigurationFile
    let checks: ConfigurationChecks
    let keys: [String: Secret]
    /// What is to listen over TCP; nil for nothing.
    var listen: ListenPlan?
    /// Where the running service listens; nil if none tells.
    var served: [String]?
    var now = Timestamp.now()
    /// Nil for the kernel's.
    var limits: InotifyLimits?

    var configuration: Configuration { checks.configuration }

    /// All findings. The ledger's error comes beside them, for the message that each command gives for it.
    func findings() -> (findings: [Finding], error: WorkplaceError?) {
        let extents = self.extents
        var findings = [Finding(name: .configuration, message: file.path)]
        findings += state + service
        let (ledger, error) = ledger
        findings += [ledger] + space
        findings.append(
            Finding(
                name: .manifest,
                message: "\(shown(configuration.manifest.path)), journal \(shown(configuration.manifest.journal))"
            )
        )
        for account in configuration.accounts { findings += [self.account(account)] + key(of: account) }
        let (changes, changesError) = error == nil ? accountChanges : ([], nil)
        findings += changes
        for folder in configuration.folders {
            findings.append(self.folder(folder))
            if let extent = extents[folder.name] { findings.append(watch(folder, extent)) }
        }
        findings += configuration.hooks.map(hook)
        findings += listener
        let limits = limits ?? .present(service: StateLock.holder(of: configuration.stateDirectory))
        if let inotify = limits.finding(for: extents.values.compactMap(\.self)) { findings.append(inotify) }
        findings += clock(newest: error == nil ? newestStep : nil) + user
        return (findings, error ?? changesError)
    }

    private func account(_ account: Configuration.Account) -> Finding {
        let rate = account.rate.map(\.description).joined(separator: ", ")
        let connection = account.settings.connection
        let hosts = connection.uploadHosts.map(\.description).joined(separator: ", ")
        return Finding(
            name: .account,
            subject: account.name,
            message: "\(account.provider.rawValue) at \(connection.baseURL), "
                + "\(account.concurrency) files at a time, \(rate)\(hosts.isEmpty ? "" : ", bytes to \(hosts) alone")"
        )
    }

    /// Where the account's key comes from. It was read already, so its file's rights are good.
    private func key(of account: Configuration.Account) -> [Finding] {
        guard let words = account.key.words else { return [] }
        return [Finding(name: .key, subject: account.name, message: words)]
    }

    private var accountChanges: ([Finding], WorkplaceError?) {
        do throws(WorkplaceError) {
            let changes = try Workplace.accountChanges(configuration, keys: keys)
            return (changes.map { Finding(name: .account, subject: $0.account, message: $0.words) }, nil)
        } catch {
            return ([], error)
        }
    }

    private func hook(_ hook: Configuration.Hook) -> Finding {
        let outlook = HookOutlook(hook)
        return Finding(
            name: .hook,
            subject: hook.name,
            verdict: outlook.trouble == nil ? .ok : .waiting,
            message: outlook.trouble ?? outlook.words
        )
    }

    private func folder(_ folder: Configuration.Folder) -> Finding {
        if let hindrance = checks.hindrance(of: folder) {
            return Finding(name: .folder, subject: folder.name, verdict: .waiting, message: hindrance.words)
        }
        let leaving = DepartureOutlook(folder, in: checks.surroundings).words
        return Finding(
            name: .folder,
            subject: folder.name,
            message: "\(shown(folder.path)) to account \(folder.account)\(leaving)"
        )
    }

    func shown(_ path: FilePath) -> String { ManifestKey(path).text }
}

// MARK: The folders' trees

extension Doctor {
    /// How long the counts of all folders together may take.
    private static let patience = DispatchTimeInterval.seconds(20)

    /// The extents of the folders that answer, by name. Nil in place of one that stopped answering.
    private var extents: [String: FolderExtent?] {
        let deadline = DispatchTime.now() + Self.patience
        let looks = configuration.folders.filter { checks.hindrance(of: $0)?.effect != .notWatched }.map { folder in
            let watched = WatchedFolder(
                name: folder.name,
                path: folder.path,
                recursive: folder.recursive,
                ignore: folder.ignoreRules,
                options: WatchOptions(mode: folder.watch, pollInterval: folder.pollInterval)
            )
            return (folder.name, PatientLook { FolderExtent(of: watched) { DispatchTime.now() < deadline } })
        }
        // A count that is cut short by its time needs a moment to say so.
        return Dictionary(looks.map { ($0, $1.answer(by: deadline + .seconds(1))) }) { first, _ in first }
    }

    private func watch(_ folder: Configuration.Folder, _ extent: FolderExtent?) -> Finding {
        guard let extent else {
            return Finding(
                name: .watch,
                subject: folder.name,
                verdict: .weak,
                message: "\(shown(folder.path)) stopped answering while it was read",
                fix: "look at its disk"
            )
        }
        let count =
            "\(extent.directories)\(extent.isWhole ? "" : " or more") "
            + (extent.directories == 1 && extent.isWhole ? "directory" : "directories")
        var how = "inotify, \(count)"
        if let cause = extent.polled { how = "polling, \(count): \(cause.words)" }
        if let name = extent.trusted {
            how += ": \(name) does not tell of changes by others, which the hourly scan alone sees (watch: inotify)"
        }
        guard extent.unread > 0, let first = extent.firstUnread else {
            let advice = extent.polled.flatMap { $0 == .tooFewWatches ? nil : $0.advice() }
            return Finding(
                name: .watch,
                subject: folder.name,
                verdict: advice == nil ? .ok : .weak,
                message: "\(how); \(writers)",
                fix: advice
            )
        }
        let others = extent.unread > 1 ? " and \(extent.unread - 1) more" : ""
        return Finding(
            name: .watch,
            subject: folder.name,
            verdict: .waiting,
            message: "\(how); \(shown(first))\(others) cannot be read, and files there do not go up",
            fix: DirectoryTrouble.of(first, for: .read)?.words(for: first, in: checks.surroundings)
                ?? "let this user read it"
        )
    }

    /// Of whose files the kernel tells whether somebody has them open for writing (F_SETLEASE, fcntl(2)).
    private var writers: String {
        checks.surroundings.mayLease
            ? "open files are found by leases" : "open files are found by leases where they are this user's own"
    }
}

/// The kernel's inotify limits for each user, against what the folders need.
struct InotifyLimits {
    let watches: InotifyRoom
    let instances: InotifyRoom

    /// As the kernel has them. What the process `service` has is not counted: it is what the folders need.
    static func present(service: Int32?) -> InotifyLimits {
        let others = InotifyUse.ofOthers(except: service.map { [$0] } ?? [])
        return InotifyLimits(
            watches: .present(.watches, others: others),
            instances: .present(.instances, others: others)
        )
    }

    /// How the limits are for these folders; nil if none of them needs inotify, or the kernel does not tell.
    func finding(for extents: [FolderExtent]) -> Finding? {
        let needed = extents.filter { $0.polled?.needsWatch ?? true }.map(\.directories).reduce(0, +)
        guard needed > 0, let allowed = watches.lowest, let mostInstances = instances.lowest else { return nil }
        if mostInstances <= instances.others ?? 0 {
            return Finding(
                name: .inotify,
                verdict: .weak,
                message: "all folders are polled, as this user may have \(mostInstances) inotify instances"
                    + (instances.others.map { ", and others have \($0)" } ?? ""),
                fix: instances.advice()
            )
        }
        let others = watches.others ?? 0
        guard allowed - others >= needed else {
            return Finding(
                name: .inotify,
                verdict: .weak,
                message: "\(needed) directories need a watch each, and this user may have \(allowed)"
                    + (others > 0 ? ", of which other programs have \(others)" : "") + ": the rest is polled",
                fix: watches.advice(needing: needed)
            )
        }
        let rest = others > 0 ? ", \(others) used by other programs" : ""
        return Finding(
            name: .inotify,
            message: "\(needed) of \(allowed) watches needed\(rest), \(mostInstances) instances allowed"
        )
    }
}
