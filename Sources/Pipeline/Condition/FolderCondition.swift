import SystemPackage
import Watch

/// A folder in force, as it is now.
package struct FolderCondition: Sendable {
    package let name: String
    package let path: FilePath
    package let account: String
    package let watch: WatchCondition
    /// Whether it was looked through since the start or the last reload.
    package let isLookedThrough: Bool
    /// Whether a person lets nothing of the folder go up.
    package let isPaused: Bool
    /// Whether people may put files into it by the page.
    package let acceptsDrops: Bool
    /// The directories that cannot be read.
    package let unread: Unread?
    /// The known files on file systems that are not mounted.
    package let unmounted: UnmountedFiles?

    package init(
        name: String,
        path: FilePath,
        account: String,
        watch: WatchCondition,
        isLookedThrough: Bool,
        isPaused: Bool = false,
        acceptsDrops: Bool = false,
        unread: Unread?,
        unmounted: UnmountedFiles? = nil
    ) {
        self.name = name
        self.path = path
        self.account = account
        self.watch = watch
        self.isLookedThrough = isLookedThrough
        self.isPaused = isPaused
        self.acceptsDrops = acceptsDrops
        self.unread = unread
        self.unmounted = unmounted
    }
}
