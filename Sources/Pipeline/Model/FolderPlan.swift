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
    /// A file is settled after this time without a change, unless its name has another time.
    package let settle: Duration
    /// The times for names that match a pattern.
    package let settleTimes: SettleTimes
    /// The same for a file that was renamed into place. The rename is its producer's own "done".
    package let settleRenamed: Duration
    /// A file goes up this long after its last change.
    package let minAge: Duration
    /// If set, a file goes up only with its marker beside it.
    package let done: DoneSuffix?
    /// The types that the account's provider takes, and the caps in force here: the account's, lowered by the folder's.
    package let admission: Admission
    package let afterUpload: AfterUpload
    package let existing: ExistingFiles
    /// The provider's own folder for its files; nil for the account's.
    package let library: String?
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
        settleTimes: SettleTimes = SettleTimes(),
        settleRenamed: Duration,
        minAge: Duration = .zero,
        done: DoneSuffix? = nil,
        admission: Admission,
        afterUpload: AfterUpload = .keep,
        existing: ExistingFiles = .upload,
        library: String? = nil,
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
        self.settleTimes = settleTimes
        self.settleRenamed = settleRenamed
        self.minAge = minAge
        self.done = done
        self.admission = admission
        self.afterUpload = afterUpload
        self.existing = existing
        self.library = library
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
            done: done,
            options: WatchOptions(mode: watch, pollInterval: pollInterval)
        )
    }

    /// Whether a file that Watch tells of is a sidecar.
    func isSidecar(_ path: FilePath) -> Bool {
        !sidecars.isEmpty && path.lastComponent.map(sidecars.match) ?? false
    }

    /// How long nothing may happen to a file. A rename is its producer's own "done", whatever the file's name.
    package func settle(for path: FilePath, renamed: Bool = false) -> Duration {
        renamed ? settleRenamed : path.lastComponent.flatMap(settleTimes.time) ?? settle
    }

    /// How much a file in this version is younger than ``minAge`` at this wall time.
    ///
    /// The last change is the earlier one of mtime and ctime. Nobody can set the ctime, so an mtime in the future
    /// counts from the file's arrival. At most ``minAge``, so a clock that was set back holds a file no longer.
    func youth(of version: FileVersion, at now: Timestamp) -> Duration {
        let last = Timestamp(milliseconds: version.earlierTime / 1_000_000 + 1)
        let left = Duration.milliseconds(last.advanced(by: minAge).milliseconds - now.milliseconds)
        return min(max(left, .zero), minAge)
    }
}
