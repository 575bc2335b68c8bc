/// How a folder's changes are to become known, by its configuration.
package enum WatchMode: String, Sendable, CaseIterable {
    /// By inotify where that tells of all changes. The rest is polled.
    case auto
    /// By inotify on every file system. Only what gets no watch is polled.
    case inotify
    /// By polling alone.
    case poll
}
