/// The configuration of a pipeline, checked and resolved.
package struct PipelinePlan: Sendable {
    /// All folders of the configuration.
    package let folders: [FolderPlan]
    /// False when files are pushed by name: then no folder is watched.
    package let isWatching: Bool
    package let accounts: [AccountPlan]
    package let manifest: ManifestPlan
    /// The manifest of all hosts of the fleet; nil for a host of its own.
    package let fleetManifest: ManifestPlan?
    package let hooks: [HookPlan]
    /// How fast all accounts' bytes together may go out.
    package let bandwidth: Bandwidth
    package let retry: RetryPolicy
    /// How long uploads under way may take to finish after the end was asked for.
    package let shutdownTimeout: Duration

    package init(
        folders: [FolderPlan],
        isWatching: Bool = true,
        accounts: [AccountPlan],
        manifest: ManifestPlan,
        fleetManifest: ManifestPlan? = nil,
        hooks: [HookPlan] = [],
        bandwidth: Bandwidth = .unlimited,
        retry: RetryPolicy = Schedules.file,
        shutdownTimeout: Duration = .zero
    ) {
        self.folders = folders
        self.isWatching = isWatching
        self.accounts = accounts
        self.manifest = manifest
        self.fleetManifest = fleetManifest
        self.hooks = hooks
        self.bandwidth = bandwidth
        self.retry = retry
        self.shutdownTimeout = shutdownTimeout
    }

    /// The folders that this process watches.
    var watched: [FolderPlan] { isWatching ? folders : [] }

    /// The hooks that this process calls. Files that are pushed by name leave their events to the service.
    var called: [HookPlan] { isWatching ? hooks : [] }
}
