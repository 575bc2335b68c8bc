import SystemPackage

/// The source of the manifest's two files: the present rows, and the changes that led to them.
///
/// Each change of the manifest has one revision. Revisions count up without a gap, and each change is durable before a
/// call returns it.
package protocol ManifestSource: Sendable {
    /// The newest revision; 0 before the first change.
    func revision() async throws -> Int64

    /// Changes after `revision`, in order. Fewer than `limit` means that there are no more. Pruned changes are left
    /// out; ``oldestChange()`` returns the first one that is kept.
    func changes(after revision: Int64, limit: Int) async throws -> [ManifestChange]

    /// The first revision that ``changes(after:limit:)`` can return; nil if none is kept.
    func oldestChange() async throws -> Int64?

    /// Forgets changes up to and including `revision`. The journal has them, durably.
    func pruneChanges(through revision: Int64) async throws

    /// Walks over all rows of one consistent moment in the given order.
    ///
    /// `start` gets that moment's revision before the first row. Both closures are called off the shared pool, in
    /// order, and may write files. An error of theirs ends the walk.
    func snapshot(
        by order: ManifestOrder,
        start: @escaping @Sendable (Int64) throws -> Void,
        row: @escaping @Sendable (ManifestRow) throws -> Void
    ) async throws

    /// How many rows ``snapshot(by:start:row:)`` would walk over. After each change, the number of journal lines is
    /// compared with it. Among them are at most as many hidden rows as shown ones, or a thousand if that is more.
    func rowCount() async throws -> Int

    /// The files that ``notePublished(_:)`` noted last; nil if none were.
    func published() async throws -> PublishedFiles?

    /// Notes both files at the end of a process.
    func notePublished(_ files: PublishedFiles) async throws

    /// Which numbering the revisions are of.
    func numbering() async throws -> ManifestNumbering

    /// Notes that the journal on disk is of this numbering.
    func noteJournal(of numbering: Int64) async throws
}

/// The source of this host's own manifest.
package protocol HostManifest: ManifestSource {
    /// What the manifest has of one path.
    func row(of path: FilePath) async throws -> ManifestRow?
}

extension ManifestSource {
    /// Revisions that never begin anew.
    package func numbering() async throws -> ManifestNumbering { ManifestNumbering() }

    package func noteJournal(of numbering: Int64) async throws {}
}

/// Counts how often revisions have begun anew, as a fleet's do after its database was put back from an older copy. A
/// journal of another numbering is replaced: its revisions mean other changes.
package struct ManifestNumbering: Hashable, Sendable {
    package let now: Int64
    /// The numbering of the journal on disk.
    package let ofJournal: Int64

    package init(now: Int64 = 0, ofJournal: Int64 = 0) {
        self.now = now
        self.ofJournal = ofJournal
    }
}

/// The order in which rows are walked over.
package enum ManifestOrder: Sendable {
    /// The snapshot's order: entries first, then rejections, each in byte order of their paths.
    case section
    /// The journal's order: by revision. Of two rows with one revision, the one that is not shown comes first.
    case revision
}
