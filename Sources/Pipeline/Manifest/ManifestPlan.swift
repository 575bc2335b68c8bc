import SystemPackage

/// The configuration of the manifest.
package struct ManifestPlan: Equatable, Sendable {
    /// The path of `manifest.json`.
    package let snapshot: FilePath
    /// The path of `manifest.ndjson`.
    package let journal: FilePath
    /// The shortest time between two writes of the snapshot.
    package let interval: Duration
    /// The permission of both files.
    package let mode: FilePermissions
    /// How long the entry of a file that left stays; nil: until somebody forgets it.
    package let keepGone: Duration?
    /// The version of Outtray. Files of another version are written anew.
    package let writer: String

    package init(
        snapshot: FilePath,
        journal: FilePath,
        interval: Duration,
        mode: FilePermissions,
        keepGone: Duration? = nil,
        writer: String = ""
    ) {
        self.snapshot = snapshot
        self.journal = journal
        self.interval = interval
        self.mode = mode
        self.keepGone = keepGone
        self.writer = writer
    }
}
