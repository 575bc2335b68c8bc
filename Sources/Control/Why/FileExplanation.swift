import Pipeline
import SystemPackage

/// Where a file is, and why: its state, its steps, and what comes next.
///
/// A value of facts. `FileExplanation+Text.swift` and `FileExplanation+JSON.swift` show it.
package struct FileExplanation: Sendable {
    package let path: FilePath
    package let known: KnownFile
    /// The file as it is on disk now; nil if there is none, or it cannot be looked at.
    package let file: FileFacts?
    /// Who has the file open for writing now.
    package let holders: FileHolders
    /// How far the upload is; nil if the file is not under way, or no service tells.
    package let upload: UploadBoard.Upload?
    /// What the file waits for now; nil if it does not wait.
    package let cause: WaitCause?

    /// Why the path is not known, in plain words; nil if it is known.
    package let unknown: String?
    /// What is said of a path that is a sidecar or a marker; nil for any other.
    package let companion: String?

    package init(
        _ path: FilePath,
        _ known: KnownFile,
        file: FileFacts? = nil,
        holders: FileHolders = .none,
        upload: UploadBoard.Upload? = nil,
        outlook: WaitOutlook = .ofLedger,
        unknown: String? = nil,
        companion: String? = nil
    ) {
        self.path = path
        self.known = known
        self.file = file
        self.holders = holders
        self.upload = upload
        let isPaused = known.pause != nil && known.record?.state == .queued
        let stored = isPaused ? .paused : known.record.flatMap { outlook.cause(of: $0) }
        cause = upload?.phase == .pace ? .pace : stored
        self.unknown = unknown
        self.companion = companion
    }

    /// What happens to the file next.
    package struct Next: Equatable, Sendable {
        /// When, in wall time; nil if that is not known.
        package let at: Timestamp?
        package let what: String
        /// What it waits for; nil if only for its turn.
        package let because: String?
    }

    package var headline: String {
        switch known.record?.state {
        case .settling: settling
        case .queued: waiting
        case .uploading: upload.map { "is on its way: \($0.words)" } ?? "is on its way"
        case .uploaded: "is up: \(id)"
        case .rejected: "was rejected: \(known.record?.words ?? "")"
        case .skipped: "was skipped: \(FileRecord.skipped)"
        case .gone, nil: left
        }
    }

    private var settling: String {
        if held != nil { return "is waited for: it is held open" }
        return isRested ? "is waited for: it \(known.record?.words ?? "")" : "is waited for: it is still changing"
    }

    private var waiting: String {
        if let pause = known.pause { return "waits: \(pause.subject.words)" }
        guard let cause, cause != .slot else { return "waits for its turn" }
        // The ledger's words are of the cause that the file met last.
        if known.record?.cause == cause { return "waits: \(known.record?.words ?? cause.words)" }
        return "waits: \(cause.isOfAccount ? "account \(known.record?.account ?? ""), " : "")\(cause.words)"
    }

    /// The ledger's words, if they are of this cause.
    private func reason(of cause: WaitCause, _ record: FileRecord) -> String {
        record.cause == cause && !record.reason.isEmpty ? record.reason : cause.words
    }

    private var left: String {
        if let companion { return companion }
        return switch known.row?.content {
        case .entry where known.row?.shown == true: "has left its folder; its entry stays: \(id)"
        case .entry, .rejected, nil:
            unknown.map { "is not known: \($0)" } ?? "has left its folder"
        }
    }

    private var id: String {
        guard case .entry(let entry)? = known.row?.content else { return "-" }
        return entry.receipt.id ?? "-"
    }

    /// The step that tells that another process holds the file open, if that is why it waits.
    private var held: FileStep? {
        guard known.record?.cause == .heldOpen else { return nil }
        return known.steps.last.flatMap { $0.kind == .held ? $0 : nil }
    }

    /// Whether the file has rested, and is not done for another reason. The step for that reason is recorded with it.
    /// Later steps do not change it, but another reason does.
    private var isRested: Bool {
        guard let record = known.record, record.cause == .settling else { return false }
        return known.steps.contains {
            $0.kind == .postponed && $0.facts.cause == .settling && $0.facts.reason == record.reason
        }
    }

    /// What may keep the provider from using the file as it is now. Of a file that is up, its entry tells.
    package var warnings: [MediaWarning] {
        switch known.record?.state {
        case .queued, .uploading: return known.steps.last { $0.kind == .classified }?.facts.warnings ?? []
        case .settling, .rejected, .skipped: return []
        case .uploaded, .gone, nil:
            guard let row = known.row, row.shown, case .entry(let entry) = row.content else { return [] }
            return entry.warnings
        }
    }

    /// What comes next; nil if nothing does.
    package var next: Next? {
        guard let record = known.record else { return nil }
        switch record.state {
        case .settling:
            if isRested {
                return Next(at: record.due, what: "it is looked at again", because: "it \(record.words)")
            }
            let because = held == nil ? "it has to rest for its folder's settle time" : "a process holds it open"
            return Next(at: nil, what: "it is looked at again", because: because)
        case .queued:
            if let pause = known.pause {
                return Next(at: nil, what: "it goes up when it is resumed", because: pause.subject.words)
            }
            guard let cause, cause != .slot else {
                return Next(
                    at: nil,
                    what: "it goes up when account \(record.account ?? "") has a free slot",
                    because: nil
                )
            }
            if cause.isOfAccount {
                return Next(
                    at: nil,
                    what: "it goes up when account \(record.account ?? "") opens",
                    because: reason(of: cause, record)
                )
            }
            let due = record.due.flatMap { $0 > .atOnce ? $0 : nil }
            return Next(at: due, what: "another try", because: reason(of: cause, record))
        case .uploading: return Next(at: nil, what: "it is in the manifest once it is up", because: nil)
        case .uploaded:
            guard case .entry(let entry)? = known.row?.content, entry.receipt.status == .processing else { return nil }
            return Next(at: nil, what: "the provider is asked again whether it is ready", because: nil)
        case .rejected: return Next(at: nil, what: "nothing, until the file changes", because: nil)
        case .skipped:
            return Next(at: nil, what: "nothing, until the file changes or somebody asks: outtray retry", because: nil)
        case .gone: return nil
        }
    }

    /// What is said where the file is held open, and no process that is seen holds it; nil otherwise.
    var unseenHolder: String? {
        guard held != nil, known.record?.state == .settling, holders.seen.isEmpty else { return nil }
        return holders.unseen > 0
            ? "nobody who is seen: \(holders.unseen) processes are other users', and may be looked into by root alone"
            : "no process that is seen here: it may be of another container, or of another machine if this is its disk"
    }

    /// Since when another process holds the file open, as far as Outtray saw it.
    package var heldSince: Timestamp? { held?.at }
}

/// A file on disk.
package struct FileFacts: Equatable, Sendable {
    package let bytes: Int64
    package let modified: Timestamp
    /// How many names it has.
    package let links: Int

    package init(bytes: Int64, modified: Timestamp, links: Int) {
        self.bytes = bytes
        self.modified = modified
        self.links = links
    }
}
