import SystemPackage

/// All that the ledger knows of one path, at one moment.
package struct KnownFile: Sendable {
    /// Nil for a path whose file was never known, or was forgotten since it left.
    package var record: FileRecord?
    /// What the manifest shows of the path.
    package var row: ManifestRow?
    /// Oldest first.
    package var steps: [FileStep]
    /// Other paths that show the same asset: the same bytes, for the same account. At most 32.
    package var sameBytes: [FilePath]
    /// The pause that keeps a queued file from going up.
    package var pause: Pause?

    package init(
        record: FileRecord? = nil,
        row: ManifestRow? = nil,
        steps: [FileStep] = [],
        sameBytes: [FilePath] = [],
        pause: Pause? = nil
    ) {
        self.record = record
        self.row = row
        self.steps = steps
        self.sameBytes = sameBytes
        self.pause = pause
    }

    /// Whether Outtray has ever met a file here, as far as it remembers.
    package var isKnown: Bool { record != nil || row != nil || !steps.isEmpty }

    /// Whether a file is thought to be here, or an entry is shown. If not, the path may have become a sidecar's.
    package var hasFile: Bool { record.map { $0.state != .gone } ?? false || row?.shown == true }
}
