import Pipeline
import Watch

/// What the ledger's word is worth for a file that was named: it counts for the version that is there, and for no other.
///
/// A value without ledger or disk, so that each rule is tested by calling it; ``PushQueue`` brings those.
struct PushAnswer {
    /// What is at the path at this moment.
    enum Presence: Hashable {
        case there(FileVersion)
        case missing
        /// A directory, link, pipe, socket or device.
        case noFile
        /// It cannot be told; the reason, for people.
        case unknown(String)
    }

    enum Verdict: Hashable {
        case uploaded(ManifestEntry)
        case rejected(String)
        case waiting(String)
        /// It is on its way, and not further for this reason.
        case pending(String)
        /// The ledger has no word on what is there, for this reason: it has to be looked at.
        case undecided(String)
    }

    /// As it was when it was named; nil where there was no file then.
    let asked: FileVersion?
    let now: Presence
    /// What is up leaves the folder: a file that is missing there has done what it should.
    let leaves: Bool

    func verdict(_ record: FileRecord?, _ content: ManifestRow.Content?) -> Verdict {
        switch now {
        case .unknown(let reason): return .waiting(reason)
        case .noFile: return .rejected("it is no regular file (directories, links, pipes and devices do not go up)")
        case .missing: return ofMissing(record, content)
        case .there(let version): return ofFile(version, record, content)
        }
    }

    /// A file that was there when it was named, went up as it was then, and has left since, is up. So is one that has left
    /// as all do in its folder.
    private func ofMissing(_ record: FileRecord?, _ content: ManifestRow.Content?) -> Verdict {
        let missing = Verdict.rejected("there is no such file")
        guard case .entry(let entry) = content else { return missing }
        switch record?.state {
        case .uploaded:
            let isAsked = asked.map { record?.version.hasSameBytes(as: $0) == true } ?? leaves
            return isAsked ? .uploaded(entry) : missing
        // The ledger forgets a file that left once nothing needs it; its entry stays.
        case .gone, nil:
            let size = asked?.size ?? record?.version.size ?? entry.bytes
            return leaves && !entry.present && entry.bytes == size ? .uploaded(entry) : missing
        case .settling, .queued, .uploading, .rejected:
            return missing
        }
    }

    private func ofFile(_ version: FileVersion, _ record: FileRecord?, _ content: ManifestRow.Content?) -> Verdict {
        guard let record else { return .undecided("it is not queued") }
        guard record.version.hasSameBytes(as: version) else { return .undecided("it has changed meanwhile") }
        switch (record.state, content) {
        case (.uploaded, .entry(let entry)): return .uploaded(entry)
        case (.rejected, .rejected(let rejection)): return .rejected(rejection.rejection.reason)
        case (.queued, _) where record.attempts >= RetryPolicy.triesAPass || record.cause == .fileSystem:
            return .waiting(record.words)
        case (.queued, _), (.uploading, _): return .pending(record.words)
        // The running service has let go of it: its configuration is another one than this command's.
        case (.gone, _) where !record.reason.isEmpty: return .waiting(record.words)
        // It changed while it was sent, and nobody watches the place it is in.
        case (.settling, _) where record.folder == nil: return .waiting(record.words)
        default: return .undecided(record.words)
        }
    }
}
