import Logging
import Pipeline
import Providers
import SystemPackage
import Watch

/// Makes the plan of a pipeline from a checked configuration, with a provider for each account.
struct Assembly {
    let configuration: Configuration
    let keys: [String: Secret]
    let transfer: Transfer

    /// The plan that the configuration describes. For files that are pushed by name, no folder is watched.
    func plan(isWatching: Bool = true) -> PipelinePlan {
        let plans = configuration.folders.compactMap { folder in
            configuration.account(folder.account).map { account in
                FolderPlan(
                    name: folder.name,
                    path: folder.path,
                    account: account.name,
                    recursive: folder.recursive,
                    ignore: IgnoreRules(adding: folder.ignore),
                    settle: folder.settle,
                    settleRenamed: folder.settleRenamed,
                    admission: configuration.admission(of: account, in: folder),
                    afterUpload: folder.afterUpload
                )
            }
        }
        return PipelinePlan(
            folders: plans,
            isWatching: isWatching,
            accounts: configuration.accounts.map(account),
            manifest: configuration.manifestPlan
        )
    }

    private func account(_ account: Configuration.Account) -> AccountPlan {
        let key = keys[account.name] ?? Secret("")
        let settings = ProviderSettings(
            baseURL: account.baseURL,
            key: key,
            accountID: account.accountID,
            companyURN: account.companyURN,
            workspaceID: account.workspaceID,
            folderID: account.folderID,
            uploadHosts: account.uploadHosts,
            authorities: account.authorities
        )
        return AccountPlan(
            name: account.name,
            provider: account.provider.kind.make(settings, transfer: transfer),
            settings: settings,
            providerName: account.provider.rawValue,
            identity: account.identity(key: key),
            concurrency: account.concurrency,
            rate: account.rate,
            writeRate: account.writeRate,
            admission: configuration.admission(of: account)
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
            mode: manifest.mode
        )
    }

    /// What may go up through an account, from one of its folders or from none in particular.
    func admission(of account: Account, in folder: Folder? = nil) -> Admission {
        Admission(
            provider: account.provider.rawValue,
            acceptedTypes: account.provider.traits.acceptedTypes,
            limits: folder.map { account.limits.lowered(by: $0.limits) } ?? account.limits
        )
    }
}

extension Configuration.Account {
    /// Whom the account's bytes go to, with this key.
    func identity(key: Secret) -> AccountIdentity {
        AccountIdentity(
            provider: provider.rawValue,
            contract: provider.kind.rawValue,
            address: baseURL,
            accountID: accountID,
            companyURN: companyURN,
            workspaceID: workspaceID,
            proof: proof,
            key: key.revealed
        )
    }

    /// How the account shows who it is. Postbreeze's answers name the owner. ConnectSafely's do not, but `account_id`
    /// is the LinkedIn account.
    private var proof: AccountIdentity.Proof {
        switch provider.kind {
        case .postbreeze: .owner
        case .connectsafely: accountID == nil ? .key : .target
        }
    }
}
