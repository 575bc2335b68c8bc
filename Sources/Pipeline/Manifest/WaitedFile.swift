import SystemPackage
import Watch

/// What somebody who waits for a file wants.
package enum WaitGoal: String, Sendable, CaseIterable {
    /// The file is up.
    case uploaded
    /// Its asset can be used, too.
    case ready
}

/// All that is known of a file that somebody waits for, at one moment.
///
/// A value without ledger or disk, so each rule is tested by calling it.
package struct WaitedFile: Sendable {
    /// What is at the path.
    package enum Presence: Hashable, Sendable {
        case there(FileVersion)
        case missing
        /// A link, pipe, socket or device.
        case noFile
        /// It cannot be told now.
        case unknown(String)
    }

    /// How far the file is on its way to a goal.
    package enum Verdict: Hashable, Sendable {
        case there
        /// It does not get there as it is, for this reason.
        case failed(String)
        /// It may still get there, and waits for this.
        case pending(String)

        package var isPending: Bool { if case .pending = self { true } else { false } }
    }

    package let path: FilePath
    package let now: Presence
    package let record: FileRecord?
    package let row: ManifestRow?
    /// Why no folder takes the path; nil if one does.
    package let outside: String?
    /// What keeps the file's account or folder; nil if only the file itself waits.
    package let hindrance: String?

    package init(
        _ path: FilePath,
        now: Presence,
        record: FileRecord?,
        row: ManifestRow?,
        outside: String?,
        hindrance: String? = nil
    ) {
        self.path = path
        self.now = now
        self.record = record
        self.row = row
        self.outside = outside
        self.hindrance = hindrance
    }

    /// Whether the ledger has not met the version that is at the path.
    package var isNews: Bool {
        guard case .there(let version) = now else { return false }
        return record?.version != version
    }

    /// Whether the file lay in its folder before, and does not go up.
    package var isSkipped: Bool {
        guard case .there(let version) = now, let record else { return false }
        return record.state == .skipped && record.version.hasSameBytes(as: version)
    }

    /// Whether the file has left. Where the ledger has it as waiting, its disk may be away.
    package var hasLeft: Bool { now == .missing && (record?.state ?? .gone) == .gone }

    /// The ledger's word counts for the version that is there. A file that is not there counts as up if its path shows
    /// an entry: it may have left after its upload, as configured.
    package func verdict(for goal: WaitGoal) -> Verdict {
        switch now {
        case .unknown(let reason): return .pending(reason)
        case .noFile: return .failed("it is no regular file")
        case .missing:
            if case .entry(let entry)? = shown { return verdict(on: entry, for: goal) }
            return outside.map(Verdict.failed) ?? .pending("there is no such file yet")
        case .there(let version):
            guard let record, record.version.hasSameBytes(as: version) else {
                return outside.map(Verdict.failed) ?? .pending("it is not looked at yet")
            }
            switch (record.state, shown) {
            case (.uploaded, .entry(let entry)?): return verdict(on: entry, for: goal)
            case (.rejected, .rejected(let rejection)?): return .failed(rejection.rejection.reason)
            case (.skipped, _): return .failed(record.words)
            case (.gone, _) where !record.reason.isEmpty: return .failed(record.reason)
            default: return .pending(hindrance ?? record.words)
            }
        }
    }

    private var shown: ManifestRow.Content? { row.flatMap { $0.shown ? $0.content : nil } }

    /// Where the provider does not tell whether an asset can be used, nothing more is waited for.
    private func verdict(on entry: ManifestEntry, for goal: WaitGoal) -> Verdict {
        switch entry.receipt.status {
        case .failed: .failed("the provider could not process it")
        case .processing where goal == .ready: .pending("the provider is processing it")
        case .processing, .ready, .unknown: .there
        }
    }
}
