import SystemPackage
import Watch

extension ManifestRecord {
    /// Reads both files. Nil if neither is there. Blocks.
    ///
    /// Of a snapshot that is cut or damaged, the lines that can be read count, and the rest is one unreadable member. A
    /// last line of the journal that a crash cut short is left out and not counted, as in ``Journal``.
    ///
    /// - Throws: ``NotRegular``, or the `Errno` of a file that is there and cannot be read.
    package init?(reading plan: ManifestPlan) throws {
        let journal = try RegularFile.readingIfThere(plan.journal) { try $0.readAll() }
        let snapshot = try RegularFile.readingIfThere(plan.snapshot) { try $0.readAll() }
        guard journal != nil || snapshot != nil else { return nil }
        let lines = (journal ?? []).split(separator: UInt8(ascii: "\n"))
        let changes = lines.map(ManifestFormat.change(ofLine:))
        let isCutShort = changes.last == .some(nil) && journal?.last != UInt8(ascii: "\n")
        let shown = snapshot.map { ManifestFormat.snapshot($0) ?? ManifestFormat.remains(ofSnapshot: $0) }

        self.init(journal: changes.compactMap(\.self), snapshot: shown)
        unreadable = changes.count { $0 == nil } - (isCutShort ? 1 : 0) + (shown?.unreadable ?? 0)
    }
}
