import Ledger
import Pipeline
import SystemPackage

/// How far a ledger is behind its manifest.
///
/// In normal work, and after any crash, a ledger is as new: each change is on disk there before the manifest shows it.
struct LedgerAge {
    private let ledger: FilePath
    private let plan: ManifestPlan
    private let known: Int64
    private let published: Int64

    /// Nil if the ledger is as new as the manifest, or one of them is not there. Blocks.
    init?(of configuration: Configuration) throws(WorkplaceError) {
        plan = configuration.manifestPlan
        let directory = configuration.stateDirectory
        ledger = LedgerRepair(directory: directory).path
        // The manifest first: a service may be running, and its ledger only grows.
        published = try Workplace.reading(plan, PublishedRevision.newest) ?? 0
        guard let known = try Workplace.mapped({ try LedgerOutlook.revision(in: directory) }), known < published else {
            return nil
        }
        self.known = known
    }

    var words: String {
        "\(ledger) is older than the manifest: it knows revision \(known), and \(plan.snapshot) or \(plan.journal) has "
            + "\(published)"
    }
}
