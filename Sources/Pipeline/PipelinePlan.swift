/// What a pipeline is made of: the configuration, checked and resolved.
package struct PipelinePlan: Sendable {
    /// Every folder that the configuration names.
    package let folders: [FolderPlan]
    /// False where files are pushed by name: no folder is watched then.
    package let isWatching: Bool
    package let accounts: [AccountPlan]
    package let manifest: ManifestPlan
    package let retry: RetryPolicy

    package init(
        folders: [FolderPlan],
        isWatching: Bool = true,
        accounts: [AccountPlan],
        manifest: ManifestPlan,
        retry: RetryPolicy = RetryPolicy()
    ) {
        self.folders = folders
        self.isWatching = isWatching
        self.accounts = accounts
        self.manifest = manifest
        self.retry = retry
    }

    /// The folders that are watched.
    var watched: [FolderPlan] { isWatching ? folders : [] }
}
