import Watch

/// What a pipeline is made of: the configuration, checked and resolved.
package struct PipelinePlan: Sendable {
    package let folders: [FolderPlan]
    /// By which it is recorded what is to leave: all folders of the configuration, watched here or not.
    package let allFolders: [FolderPlan]
    /// The same folders, as Watch needs them.
    package let watched: [WatchedFolder]
    package let accounts: [AccountPlan]
    package let manifest: ManifestPlan
    package let retry: RetryPolicy

    package init(
        folders: [FolderPlan],
        allFolders: [FolderPlan]? = nil,
        watched: [WatchedFolder],
        accounts: [AccountPlan],
        manifest: ManifestPlan,
        retry: RetryPolicy = RetryPolicy()
    ) {
        self.folders = folders
        self.allFolders = allFolders ?? folders
        self.watched = watched
        self.accounts = accounts
        self.manifest = manifest
        self.retry = retry
    }
}
