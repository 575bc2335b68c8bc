import Control
import Glibc
import Ledger
import Pipeline
import SystemPackage
import Watch

/// The work of `outtray manifest verify`: the two files, the ledger and the disk, compared at one moment.
struct ManifestVerification {
    let configuration: Configuration
    /// Which file systems answer. No other is asked.
    let probe: FolderProbe
    /// Whether the result names the entries, for ``RemoteVerification``.
    var keepsEntries = false

    /// How far a running service may be behind the disk.
    static let patience: UInt32 = 3

    /// What was found; nil without a manifest and for a ledger of an earlier version.
    struct Result {
        var differences: [ManifestAudit.Difference]
        let entries: Int
        let rejected: Int
        /// Files that were not looked at, as their file system does not answer.
        var silent = 0
        /// Files whose file system is not mounted, as far as can be told. Their entries stay.
        var unmounted = 0
        /// The entries that are shown, in the manifest's order, if ``keepsEntries`` asks for them.
        var remote: [RemoteVerification.Entry] = []
    }

    /// Compares once. Beside a running service, compares again after a moment, and tells only what has lasted. A file
    /// may just have left, and a line may just be written. Blocks.
    ///
    /// - Throws: ``SnapshotDamage``, ``NotRegular`` or `Errno` for the files; ``WorkplaceError`` for the ledger.
    func result() throws -> Result? {
        guard var result = try look() else { return nil }
        guard !result.differences.isEmpty, StateLock.holder(of: configuration.stateDirectory) != nil else {
            return result
        }
        sleep(Self.patience)
        guard let later = try look() else { return nil }
        let lasting = Set(later.differences)
        result.differences.removeAll { !lasting.contains($0) }
        return result
    }

    private func look() throws -> Result? {
        guard var audit = try ManifestAudit(reading: configuration.manifestPlan) else { return nil }
        var disk: [ManifestAudit.Difference] = []
        var silent = 0
        var unmounted = 0
        var looks: [FilePath: AbsenceLooks] = [:]
        var remote: [RemoteVerification.Entry] = []
        let isRead = try Workplace.mapped {
            try LedgerOutlook.rows(in: configuration.stateDirectory) { revision in
                audit.begin(ledgerAt: revision)
            } row: { row, record in
                audit.take(row)
                guard row.shown, case .entry(let entry) = row.content else { return }
                if keepsEntries { remote.append(.init(path: row.path, entry)) }
                guard entry.present else { return }
                if probe.isSilent(row.path) {
                    silent += 1
                    return
                }
                switch try finding(of: entry, at: row.path, &looks, record) {
                case .agrees: break
                case .unmounted: unmounted += 1
                case .contradiction(let reason): disk.append(.init(.disk, reason, at: row.path))
                }
            }
        }
        guard isRead else { return nil }
        audit.end()
        return Result(
            differences: audit.differences + disk,
            entries: audit.entries,
            rejected: audit.rejected,
            silent: silent,
            unmounted: unmounted,
            remote: remote
        )
    }

    private enum DiskAnswer {
        /// Also if the ledger knows that the file has changed.
        case agrees
        /// The file counts as there: its file system is not mounted, as far as can be told.
        case unmounted
        case contradiction(String)
    }

    /// What the disk says of an entry.
    private func finding(
        of entry: ManifestEntry,
        at path: FilePath,
        _ looks: inout [FilePath: AbsenceLooks],
        _ record: () throws -> FileRecord?
    ) throws -> DiskAnswer {
        guard FileStatus.isGone(path) else { return try finding(ofPresent: entry, at: path, record) }
        guard let known = try record(), known.state == .uploaded else { return .agrees }
        let root = root(of: path)
        let absence = looks[root, default: AbsenceLooks(beneath: root)].look(for: path, on: known.version.device)
        guard absence.alone(of: path) == .gone else { return .unmounted }
        return .contradiction("the file has left, and the entry says that it is there")
    }

    private func finding(
        ofPresent entry: ManifestEntry,
        at path: FilePath,
        _ record: () throws -> FileRecord?
    ) throws -> DiskAnswer {
        let directory = path.removingLastComponent()
        if let left = entry.sidecars.first(where: { FileStatus.isGone(directory.appending($0)) }) {
            let name = printablePath(FilePath(root: nil, [left]))
            return .contradiction("its sidecar \(name) has left, and the entry lists it")
        }
        guard let size = try? FileStatus.of(path).version.size, size != entry.bytes, try record()?.state == .uploaded
        else { return .agrees }
        return .contradiction("the file has another size than went up")
    }

    /// The directory that has to be there before the file counts as gone, as the service decides it: the folder, or the
    /// directory of a file that was pushed by name.
    private func root(of path: FilePath) -> FilePath {
        configuration.folders.map(\.path).filter { path != $0 && path.starts(with: $0) }
            .max { $0.components.count < $1.components.count } ?? path.removingLastComponent()
    }
}

extension ManifestAudit.Difference {
    /// What mends it.
    func fix(_ plan: ManifestPlan) -> String {
        switch place {
        case .ledger: "run \"outtray check --repair\" with the service stopped"
        case .snapshot: "remove \(ManifestKey(plan.snapshot).text): the running service writes it anew within 10 s"
        case .journal: "remove \(ManifestKey(plan.journal).text): the running service writes it anew within 10 s"
        case .disk: "start the service: its next scan takes the file as it is"
        case .provider: "look at the asset there; bytes that are known are not sent again, changed ones are"
        }
    }

    func json(_ plan: ManifestPlan) -> JSON {
        .object(
            [JSON.Member("place", .string(place.rawValue))]
                + (path.map { ManifestKey($0).fields("path") } ?? [JSON.Member("path", .null)])
                + [JSON.Member("message", .string(reason)), JSON.Member("fix", .string(fix(plan)))]
        )
    }
}
