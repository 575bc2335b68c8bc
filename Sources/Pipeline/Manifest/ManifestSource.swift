import SystemPackage

/// Where the manifest's two files are written from: the entries as they are, and the changes that led there.
///
/// Every change of what the manifest shows has one revision, counted up without a gap and durable before it is told here.
package protocol ManifestSource: Sendable {
    /// The newest revision; 0 before the first change.
    func revision() async throws -> Int64

    /// Changes after `revision`, in order; fewer than `limit` means that there are no more. Changes that were pruned are
    /// not told: ``oldestChange()`` says from where on they are there.
    func changes(after revision: Int64, limit: Int) async throws -> [ManifestChange]

    /// The first revision that ``changes(after:limit:)`` can tell; nil when none is kept.
    func oldestChange() async throws -> Int64?

    /// Forgets changes up to and including `revision`: the journal has them, durably.
    func pruneChanges(through revision: Int64) async throws

    /// Walks over all rows of one consistent moment in the order asked for. `start` is told that moment's revision before the first row. Both are called off the shared pool, in order, and may
    /// write files; what they throw ends the walk.
    func snapshot(
        by order: ManifestOrder,
        start: @escaping @Sendable (Int64) throws -> Void,
        row: @escaping @Sendable (ManifestRow) throws -> Void
    ) async throws

    /// How many rows ``snapshot(by:start:row:)`` would walk over; journal lines are weighed against it, after each change.
    /// Of those that are not shown there is a bound: as many as are shown, or a thousand.
    func rowCount() async throws -> Int

    /// The row of one path.
    func row(of path: FilePath) async throws -> ManifestRow?
}

/// How rows are walked over.
package enum ManifestOrder: Sendable {
    /// Entries first, then rejections, each in byte order of their paths: as the snapshot shows them.
    case section
    /// By revision; of two with one revision, the one that is not shown first: as the journal tells them.
    case revision
}
