import SystemPackage
import Watch

/// Compares the manifest's two files with the ledger's rows: where do they contradict each other?
///
/// The files are read first, then the ledger, which only grows. So what the ledger alone knows is newer, and no
/// difference. A value, so that its rules are tested without files; ``init(reading:)`` reads the files.
package struct ManifestAudit: Sendable {
    /// Which of them is wrong, as far as can be told.
    package enum Place: String, Hashable, Sendable {
        case ledger
        case snapshot
        case journal
        case disk
        case provider
    }

    /// One contradiction.
    package struct Difference: Hashable, Sendable {
        package let place: Place
        /// Nil for the file as a whole.
        package let path: FilePath?
        /// What the place says or lacks.
        package let reason: String

        package init(_ place: Place, _ reason: String, at path: FilePath? = nil) {
            self.place = place
            self.path = path
            self.reason = reason
        }
    }

    package private(set) var differences: [Difference] = []
    /// How many entries and rejections the ledger shows.
    package private(set) var entries = 0
    package private(set) var rejected = 0

    private var snapshot: [FilePath: ManifestRow]
    private let snapshotRevision: Int64
    private var journal: [FilePath: ManifestRow]
    private let journalRevision: Int64
    private var ledgerRevision: Int64 = 0

    /// `journal` has the lines in their order.
    package init(snapshot: ManifestSnapshot, journal changes: [ManifestChange], unreadableLines: Int = 0) {
        self.snapshot = Dictionary(snapshot.rows.map { ($0.path, $0) }) { first, _ in first }
        snapshotRevision = snapshot.revision
        let record = ManifestRecord(journal: changes)
        journal = record.rows
        journalRevision = record.revision
        if snapshot.unreadable > 0 {
            differences.append(
                Difference(.snapshot, "it has \(snapshot.unreadable) members that Outtray does not write")
            )
        }
        if unreadableLines > 0 {
            differences.append(Difference(.journal, "it has \(unreadableLines) lines that Outtray does not write"))
        }
        if !zip(changes, changes.dropFirst()).allSatisfy({ $0.revision <= $1.revision }) {
            differences.append(Difference(.journal, "its revisions do not ascend"))
        }
    }

    /// Notes the ledger's revision, before its rows.
    package mutating func begin(ledgerAt revision: Int64) {
        ledgerRevision = revision
        let published = max(snapshotRevision, journalRevision)
        if published > revision {
            differences.append(
                Difference(
                    .ledger,
                    "it is older than the manifest: it knows revision \(revision), and not \(published)"
                )
            )
        }
    }

    /// Takes one row of the ledger.
    package mutating func take(_ row: ManifestRow) {
        if row.shown {
            if case .entry = row.content { entries += 1 } else { rejected += 1 }
        }
        let inSnapshot = snapshot.removeValue(forKey: row.path)
        if row.revision <= snapshotRevision {
            note(.snapshot, row, row.shown ? Self.contradiction(row, inSnapshot) : inSnapshot.map { _ in Self.shows })
        }
        let inJournal = journal.removeValue(forKey: row.path)
        if row.revision <= journalRevision {
            let isShown = inJournal?.claimsToBeShown == true
            note(.journal, row, row.shown ? Self.contradiction(row, inJournal) : isShown ? Self.shows : nil)
        }
    }

    /// Ends with the paths that the ledger does not have. They may have been forgotten since a file was written, unless
    /// the file is of the ledger's very revision.
    package mutating func end() {
        for (place, rows, revision) in [
            (Place.snapshot, snapshot, snapshotRevision),
            (.journal, journal.filter(\.value.claimsToBeShown), journalRevision),
        ] where revision == ledgerRevision {
            for path in rows.keys.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
                differences.append(Difference(place, Self.shows, at: path))
            }
        }
    }

    private static let shows = "it shows the path, and the ledger does not"

    private mutating func note(_ place: Place, _ row: ManifestRow, _ reason: String?) {
        if let reason { differences.append(Difference(place, reason, at: row.path)) }
    }

    /// How a file's row contradicts the ledger's; nil if it does not.
    private static func contradiction(_ row: ManifestRow, _ other: ManifestRow?) -> String? {
        guard let other else { return "it lacks the path" }
        guard other.revision == row.revision else {
            return "it has revision \(other.revision), and the ledger \(row.revision)"
        }
        return row.content.says(other.content) ? nil : "it says otherwise than the ledger at revision \(row.revision)"
    }
}

extension ManifestRow {
    /// Whether a row of the journal says that the path is shown. A line for a file that left does not tell.
    fileprivate var claimsToBeShown: Bool {
        switch content {
        case .entry(let entry): entry.present
        case .rejected: shown
        }
    }
}

extension ManifestRow.Content {
    /// Whether both say the same of the file. The folder's name is left out: it changes without a revision. Times are
    /// left out: the files have whole seconds.
    fileprivate func says(_ other: Self) -> Bool {
        switch (self, other) {
        case (.entry(let own), .entry(let other)):
            own.assetKey == other.assetKey && own.receipt.status == other.receipt.status
                && own.present == other.present && own.movedTo == other.movedTo && own.sidecars == other.sidecars
        case (.rejected(let own), .rejected(let other)): own.rejection.code == other.rejection.code
        default: false
        }
    }
}

extension ManifestAudit {
    /// Reads both files. Nil if neither is there. Blocks.
    ///
    /// - Throws: ``SnapshotDamage``; ``NotRegular``, or the `Errno` of a file that is
    ///   there and cannot be read.
    package init?(reading plan: ManifestPlan) throws {
        let snapshot = try RegularFile.readingIfThere(plan.snapshot) { try $0.readAll() }
        let lines = try RegularFile.readingIfThere(plan.journal) { try $0.readAll() }
        guard snapshot != nil || lines != nil else { return nil }
        if let snapshot, ManifestFormat.snapshot(snapshot) == nil { throw SnapshotDamage(path: plan.snapshot) }
        let parts = (lines ?? []).split(separator: UInt8(ascii: "\n"))
        var changes = parts.map(ManifestFormat.change(ofLine:))
        // The service may be writing the last line.
        if changes.last == .some(nil), lines?.last != UInt8(ascii: "\n") { changes.removeLast() }
        self.init(
            snapshot: snapshot.flatMap(ManifestFormat.snapshot) ?? ManifestSnapshot(revision: 0, rows: []),
            journal: changes.compactMap(\.self),
            unreadableLines: changes.count { $0 == nil }
        )
        if snapshot == nil { differences.append(Difference(.snapshot, "it is missing")) }
        if lines == nil { differences.append(Difference(.journal, "it is missing")) }
    }
}

/// The snapshot cannot be read as a manifest.
package struct SnapshotDamage: Error, CustomStringConvertible {
    let path: FilePath

    package var description: String { "\(path) is damaged, or no manifest of schema \(ManifestFormat.schema)" }
}
