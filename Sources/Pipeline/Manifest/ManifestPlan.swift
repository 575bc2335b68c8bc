import SystemPackage

/// What the configuration says of the manifest.
package struct ManifestPlan: Equatable, Sendable {
    /// `manifest.json`.
    package let snapshot: FilePath
    /// `manifest.ndjson`.
    package let journal: FilePath
    /// The snapshot is written at most this often.
    package let interval: Duration
    /// Permission of both files.
    package let mode: FilePermissions

    package init(snapshot: FilePath, journal: FilePath, interval: Duration, mode: FilePermissions) {
        self.snapshot = snapshot
        self.journal = journal
        self.interval = interval
        self.mode = mode
    }
}
