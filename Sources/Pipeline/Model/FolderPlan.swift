import SystemPackage
import Watch

/// The configuration of one watched folder, as the stages need it.
package struct FolderPlan: Equatable, Sendable {
    package let name: String
    /// Absolute.
    package let path: FilePath
    package let account: String
    /// False: only the files directly in the folder.
    package let recursive: Bool
    package let ignore: IgnoreRules
    /// How changes in it become known.
    package let watch: WatchMode
    /// The time between two looks at a directory that is not watched.
    package let pollInterval: Duration
    /// Files with these names are sidecars (``SidecarName``).
    package let sidecars: NamePatterns
    /// A file is settled after this time without a change.
    package let settle: Duration
    /// The same for a file that was renamed into place. The rename is its producer's own "done".
    package let settleRenamed: Duration
    /// The types that the account's provider takes, and the caps in force here: the account's, lowered by the folder's.
    package let admission: Admission
    package let afterUpload: AfterUpload
    /// Whether people may put files into it by the page.
    package let acceptsDrops: Bool

    package init(
        name: String,
        path: FilePath,
        account: String,
        recursive: Bool = true,
        ignore: IgnoreRules = IgnoreRules(),
        watch: WatchMode = .auto,
        pollInterval: Duration = WatchOptions().pollInterval,
        sidecars: NamePatterns = NamePatterns(),
        settle: Duration,
        settleRenamed: Duration,
        admission: Admission,
        afterUpload: AfterUpload = .keep,
        acceptsDrops: Bool = false
    ) {
        self.name = name
        self.path = path
        self.account = account
        self.recursive = recursive
        self.ignore = ignore
        self.watch = watch
        self.pollInterval = pollInterval
        self.sidecars = sidecars
        self.settle = settle
        self.settleRenamed = settleRenamed
        self.admission = admission
        self.afterUpload = afterUpload
        self.acceptsDrops = acceptsDrops
    }

    /// The folder as Watch needs it.
    package var watched: WatchedFolder {
        WatchedFolder(
            name: name,
            path: path,
            recursive: recursive,
            ignore: ignore,
            sidecars: sidecars,
            options: WatchOptions(mode: watch, pollInterval: pollInterval)
        )
    }

    /// Whether a file that Watch tells of is a sidecar.
    func isSidecar(_ path: FilePath) -> Bool {
        !sidecars.isEmpty && path.lastComponent.map(sidecars.match) ?? false
    }
}
