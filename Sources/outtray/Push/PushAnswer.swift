import Pipeline
import Watch

/// What the ledger's word is worth for a named file. It counts only for the version that is there.
///
/// A value without ledger or disk, so each rule is tested by calling it; ``PushQueue`` brings those.
struct PushAnswer {
    /// What is at the path at this moment.
    enum Presence: Hashable {
        case there(FileVersion)
        case missing
        /// A directory, link, pipe, socket or device.
        case noFile
        /// It cannot be told. The reason is for people.
        case unknown(String)
    }

    enum Verdict: Hashable {
        case uploaded(ManifestEntry)
        case rejected(String)
        case waiting(String)
        /// The file is on its way. The reason says why it is not up yet.
        case pending(String)
        /// The ledger has no word on what is there, for this reason. The file has to be looked at.
        case undecided(String)
    }

    /// The version when the file was named; nil if there was no file then.
    let asked: FileVersion?
    let now: Presence
    /// Whether uploaded files leave this folder. A file that is missing there has done what it should.
    let leaves: Bool
    /// Why the file's folder passes over it; nil if the folder takes it. What is up in this version counts as up.
    var exclusion: String?

    func verdict(_ record: FileRecord?, _ content: ManifestRow.Content?) -> Verdict {
        switch now {
        case .unknown(let reason): return .waiting(reason)
        case .noFile: return .rejected("it is no regular file (directories, links, pipes and devices do not go up)")
        case .missing: return ofMissing(record, content)
        case .there(let version): return ofFile(version, record, content)
        }
    }

    /// Decides on a file that is missing now.
    ///
    /// A file that was there when named counts as up if it went up in that version and left since. In a folder that
    /// uploaded files leave, a missing file with an entry also counts as up.
    private func ofMissing(_ record: FileRecord?, _ content: ManifestRow.Content?) -> Verdict {
        let missing = Verdict.rejected("there is no such file")
        // Whoever works on the file finds out whether it has left, or only its disk.
        if let record, [.queued, .uploading].contains(record.state) { return .pending(record.words) }
        guard case .entry(let entry) = content else { return missing }
        switch record?.state {
        case .uploaded:
            let isAsked = asked.map { record?.version.hasSameBytes(as: $0) == true } ?? leaves
            return isAsked ? .uploaded(entry) : missing
        // The ledger forgets a file that left as soon as nothing needs it. Its entry stays.
        case .gone, nil:
            let size = asked?.size ?? record?.version.size ?? entry.bytes
            return leaves && !entry.present && entry.bytes == size ? .uploaded(entry) : missing
        case .settling, .queued, .uploading, .rejected, .skipped:
            return missing
        }
    }

    private func ofFile(_ version: FileVersion, _ record: FileRecord?, _ content: ManifestRow.Content?) -> Verdict {
        let verdict = ofTakenFile(version, record, content)
        if case .uploaded = verdict { return verdict }
        return exclusion.map { .rejected($0) } ?? verdict
    }

    private func ofTakenFile(_ version: FileVersion, _ record: FileRecord?, _ content: ManifestRow.Content?) -> Verdict
    {
        guard let record else { return .undecided("it is not queued") }
        guard record.version.hasSameBytes(as: version) else { return .undecided("it has changed meanwhile") }
        switch (record.state, content) {
        case (.uploaded, .entry(let entry)): return .uploaded(entry)
        case (.rejected, .rejected(let rejection)): return .rejected(rejection.rejection.reason)
        case (.queued, _) where record.attempts >= Schedules.triesAPass || record.cause == .fileSystem:
            return .waiting(record.words)
        case (.queued, _), (.uploading, _): return .pending(record.words)
        // The running service has let go of the file. Its configuration differs from this command's.
        case (.gone, _) where !record.reason.isEmpty: return .waiting(record.words)
        // The file changed while it was sent, and nobody watches the place it is in.
        case (.settling, _) where record.folder == nil: return .waiting(record.words)
        default: return .undecided(record.words)
        }
    }
}
