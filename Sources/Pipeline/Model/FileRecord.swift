import SystemPackage
import Watch

/// Everything that the ledger knows of one file.
package struct FileRecord: Hashable, Sendable {
    package let path: FilePath
    package let folder: String?
    package let account: String?
    package let state: FileState
    /// Why the file waits. Nil if it does not wait, or waits only for its turn.
    package let cause: WaitCause?
    /// In plain words; empty if the state says all.
    package let reason: String
    package let version: FileVersion
    package let attempts: Int
    /// When the next try of a queued file is due.
    package let due: Timestamp?
    package let updatedAt: Timestamp

    /// Why the file waits or stays, never empty: ``reason``, or the meaning of its state.
    package var words: String {
        if !reason.isEmpty { return reason }
        switch state {
        case .settling: return "it has changed a moment ago"
        case .queued: return "it waits for its turn"
        case .uploading: return "it is on its way"
        case .uploaded: return "it is up"
        case .rejected: return "it cannot go up as it is"
        case .skipped: return Self.skipped
        case .gone: return "it has left"
        }
    }

    /// Why a skipped file does not go up.
    package static let skipped = "it lay there before its folder was watched, and the folder skips such files"

    /// Whether this version of the file has settled, or was skipped, and was queued or rejected since.
    package func isDealtWith(in version: FileVersion) -> Bool {
        guard version == self.version else { return false }
        switch state {
        case .queued, .uploading, .uploaded, .rejected, .skipped: return true
        case .settling, .gone: return false
        }
    }

    package init(
        path: FilePath,
        folder: String?,
        account: String?,
        state: FileState,
        cause: WaitCause? = nil,
        reason: String,
        version: FileVersion,
        attempts: Int,
        due: Timestamp?,
        updatedAt: Timestamp
    ) {
        self.path = path
        self.folder = folder
        self.account = account
        self.state = state
        self.cause = cause
        self.reason = reason
        self.version = version
        self.attempts = attempts
        self.due = due
        self.updatedAt = updatedAt
    }
}

extension FileRecord {
    /// The record of a file that was found in a folder and has no account. No try was made at it.
    package init(
        _ file: FoundFile,
        _ state: FileState,
        cause: WaitCause? = nil,
        reason: String = "",
        due: Timestamp? = nil,
        at time: Timestamp
    ) {
        self.init(
            path: file.path,
            folder: file.folder,
            account: nil,
            state: state,
            cause: cause,
            reason: reason,
            version: file.version,
            attempts: 0,
            due: due,
            updatedAt: time
        )
    }
}
