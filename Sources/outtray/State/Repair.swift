import Ledger
import Pipeline
import SystemPackage

/// `outtray check --repair`: rebuilds a damaged or missing ledger from the manifest, and brings an old one up to it.
struct Repair {
    let configuration: Configuration

    /// Repairs the ledger. Reports findings and actions line by line through `tell`.
    ///
    /// - Throws: ``WorkplaceError``.
    func run(at time: Timestamp, tell: (String) -> Void) throws {
        // All of it may be lost.
        try Workplace.create(configuration.stateDirectory, mode: 0o755)
        let lock = try Workplace.lock(configuration.stateDirectory)
        defer { withExtendedLifetime(lock) {} }
        let repair = LedgerRepair(directory: configuration.stateDirectory)
        do {
            switch try repair.inspect() {
            case .whole, .empty:
                guard let age = try LedgerAge(of: configuration) else {
                    return tell("ok  ledger \(repair.path) is whole: nothing was changed")
                }
                tell(age.words)
                return try takeUp(repair, at: time, tell)
            case .missing:
                tell("there is no ledger \(repair.path)")
                try rebuild(repair, at: time, tell)
            case .damaged(let reason):
                tell(reason)
                try rebuild(repair, at: time, tell)
            case .unfinished:
                tell("going on with a repair that was broken off")
            }
            for file in try repair.finish() { tell("kept    \(file)") }
        } catch let error as LedgerError {
            throw WorkplaceError(error)
        }
        tell("repaired: \(repair.path) is whole. Start the service: each file is read once to see that it is the same")
    }

    private func takeUp(_ repair: LedgerRepair, at time: Timestamp, _ tell: (String) -> Void) throws {
        let record = try record(for: repair)
        let taken = try repair.takeUp(record, at: time)
        tell("took up \(taken.entries) entries, \(taken.rejected) rejected; revision \(taken.revision)")
        if taken.toldAnew > 0 { tell("\(taken.toldAnew) paths that the manifest does not show so get new revisions") }
        tellUnreadable(of: record, tell)
        tell("repaired: \(repair.path) is up to date. Start the service: each file that was taken up is read once")
    }

    private func tellUnreadable(of record: ManifestRecord, _ tell: (String) -> Void) {
        guard record.unreadable > 0 else { return }
        tell("left out \(record.unreadable) lines or members of the manifest that are not what Outtray writes")
    }

    private func rebuild(_ repair: LedgerRepair, at time: Timestamp, _ tell: (String) -> Void) throws {
        let record = try record(for: repair)
        let salvage = try repair.rebuild(from: record, at: time)
        let entries = record.rows.values.count { $0.isEntry && $0.shown }
        let rejected = record.rows.values.count { !$0.isEntry && $0.shown }
        tell(
            "rebuilt \(entries) entries, \(record.assets.count) assets, \(rejected) rejected; revision \(record.revision)"
        )
        tellUnreadable(of: record, tell)
        let untold = configuration.hooks.isEmpty ? "" : ", and what hooks have not been told yet"
        tell("not rebuilt: uploads under way, which start over\(untold)")
        if salvage.pauses == nil {
            tell("not known any more: what was paused. Before you start the service: outtray pause")
        }
        if salvage.hosts == nil, configuration.fleet != nil {
            tell("not known any more: who this host is in its fleet. It joins as a new one: outtray fleet hosts")
        }
        if salvage.firstLooks == nil, configuration.folders.contains(where: { $0.existing == .skip }) {
            tell(
                "not known any more: when folders with existing: skip were first watched. What waits in them now is "
                    + "skipped with what lay there: outtray retry PATH"
            )
        }
    }

    private func record(for repair: LedgerRepair) throws(WorkplaceError) -> ManifestRecord {
        let plan = configuration.manifestPlan
        guard let record = try Workplace.record(in: plan) else {
            throw .unusable(
                "there is neither \(plan.snapshot) nor \(plan.journal) to rebuild \(repair.path) from: put back a copy "
                    + "of one of the three; to start anew, move the ledger aside, and all files go up again"
            )
        }
        return record
    }
}

extension ManifestRow {
    fileprivate var isEntry: Bool { if case .entry = content { true } else { false } }
}
