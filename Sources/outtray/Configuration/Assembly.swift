import Foundation
import Logging
import Pipeline
import Providers
import SystemPackage
import Threads
import Watch

/// Makes the plan of a pipeline from a checked configuration, with a provider for each account.
struct Assembly {
    let configuration: Configuration
    let keys: [String: Secret]
    let transfer: Transfer
    /// Where the secrets of webhooks may be.
    var environment = ProcessInfo.processInfo.environment
    /// The fleet that this process belongs to, as it began with it; nil if its accounts are not shared.
    var fleet: FleetPlan?

    /// The plan that the configuration describes. For files that are pushed by name, no folder is watched. Only the
    /// service lets uploads finish when it is told to end: a person who ends a pass wants it to end.
    func plan(isWatching: Bool = true, isService: Bool = false) -> PipelinePlan {
        PipelinePlan(
            folders: configuration.folders.compactMap(configuration.plan),
            isWatching: isWatching,
            accounts: configuration.accounts.map(account),
            manifest: configuration.manifestPlan,
            fleetManifest: fleet.map(configuration.manifestPlan(of:)),
            hooks: configuration.hooks.map(hook),
            bandwidth: configuration.bandwidth,
            shutdownTimeout: isService ? configuration.shutdownTimeout : .zero
        )
    }

    private func hook(_ hook: Configuration.Hook) -> HookPlan {
        let (runner, retry): (any HookRunner, HookRetry) =
            switch hook.action {
            case .command(let command): (CommandHook(command: command), .command)
            case .webhook(let url, let secret, let allowsPrivate):
                (webhook(url, secret, allowsPrivate: allowsPrivate), .webhook)
            }
        return HookPlan(
            name: hook.name,
            trigger: hook.trigger,
            folder: hook.folder,
            concurrency: hook.concurrency,
            timeout: hook.timeout,
            retry: retry,
            runner: runner,
            settings: hook.action
        )
    }

    private func webhook(_ url: String, _ secret: KeySource?, allowsPrivate: Bool) -> Webhook {
        Webhook(url: url, allowsPrivate: allowsPrivate, transfer: transfer) { [environment] in
            guard let secret else { return nil }
            // The file may lie on a disk that hangs.
            return try await BlockingThreads.ofHooks.run { try secret.read(environment) }
        }
    }

    private func account(_ account: Configuration.Account) -> AccountPlan {
        let key = keys[account.name] ?? Secret("")
        var settings = account.settings
        settings.connection.key = key
        return AccountPlan(
            name: account.name,
            provider: settings.provider(over: transfer),
            settings: settings,
            providerName: account.provider.rawValue,
            identity: account.identity(key: key),
            concurrency: account.concurrency,
            rate: account.rate,
            writeRate: account.writeRate,
            bandwidth: account.bandwidth,
            admission: configuration.admission(of: account),
            fleet: fleet?.accounts[account.name].map { name in
                FleetAccount(
                    name: name,
                    target: account.target,
                    apiKey: key.revealed,
                    address: account.settings.connection.baseURL
                )
            }
        )
    }
}

extension Configuration {
    /// Where the manifest is and how it is written.
    var manifestPlan: ManifestPlan {
        ManifestPlan(
            snapshot: manifest.path,
            journal: manifest.journal,
            interval: manifest.interval,
            mode: manifest.mode,
            keepGone: manifest.keepGone,
            writer: Release.version
        )
    }

    /// Where the manifest of all hosts is. It is written as this host's.
    func manifestPlan(of fleet: FleetPlan) -> ManifestPlan {
        ManifestPlan(
            snapshot: fleet.manifest,
            journal: fleet.journal,
            interval: manifest.interval,
            mode: manifest.mode,
            writer: Release.version
        )
    }

    /// The rules of a folder: for a watch, and for a file in it that is pushed by name. Nil without its account.
    func plan(of folder: Folder) -> FolderPlan? {
        account(folder.account).map { account in
            FolderPlan(
                name: folder.name,
                path: folder.path,
                account: account.name,
                recursive: folder.recursive,
                ignore: folder.ignoreRules,
                watch: folder.watch,
                pollInterval: folder.pollInterval,
                sidecars: NamePatterns(folder.sidecars),
                settle: folder.settle,
                settleTimes: SettleTimes(folder.settleTimes),
                settleRenamed: folder.settleRenamed,
                minAge: folder.minAge,
                done: folder.done,
                admission: admission(of: account, in: folder),
                afterUpload: folder.afterUpload,
                existing: folder.existing,
                library: folder.library,
                acceptsDrops: folder.acceptsDrops
            )
        }
    }

    /// What may go up through an account, from one of its folders or from none in particular.
    func admission(of account: Account, in folder: Folder? = nil) -> Admission {
        Admission(
            provider: account.provider.rawValue,
            acceptedTypes: account.provider.traits.acceptedTypes,
            limits: folder.map { account.limits.lowered(by: $0.limits) } ?? account.limits,
            rules: folder.map { account.rules.narrowed(by: $0.rules) } ?? account.rules,
            published: account.provider.traits.published,
            only: folder?.accept
        )
    }
}

extension Configuration.Folder {
    /// What the folder ignores, before any `.outtrayignore`.
    var ignoreRules: IgnoreRules { IgnoreRules(adding: ignore, ignoringCase: ignoreCase) }

    /// The longest time that one of its files rests.
    var longestSettle: Duration { settleTimes.map(\.settle).reduce(settle, max) }
}

extension Configuration.Account {
    /// Whom the account's bytes go to, with this key.
    func identity(key: Secret) -> AccountIdentity {
        AccountIdentity(
            provider: provider.rawValue,
            contract: provider.kind.rawValue,
            address: settings.connection.baseURL,
            targets: targets,
            proof: settings.proof,
            key: key.revealed
        )
    }
}
