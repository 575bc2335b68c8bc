import SystemPackage
import Watch

/// Where a file is on its way; the raw values stand in the ledger and in what users are shown.
package enum FileState: String, Sendable, Codable, CaseIterable {
    /// Still changing, or held open.
    case settling
    /// Waits for a slot, its account's pace, or its next attempt.
    case queued
    /// Asked, sending, or finishing.
    case uploading
    /// In the manifest.
    case uploaded
    /// Cannot go up as it is.
    case rejected
    /// Left the folder, and its path shows an entry; or let go of, as the configuration does not ask for it any more, which
    /// is known for a day. Of any other file that left nothing is known.
    case gone
}

/// A file that no folder watches, and the directory that has to be there before it can be said to be gone.
package struct UnwatchedFile: Hashable, Sendable {
    package let path: FilePath
    package let root: FilePath

    package init(path: FilePath, root: FilePath) {
        self.path = path
        self.root = root
    }
}

/// A regular file that a scan or an event found, in the version it had.
package struct FoundFile: Hashable, Sendable {
    package let folder: String
    package let path: FilePath
    package let version: FileVersion

    package init(folder: String, path: FilePath, version: FileVersion) {
        self.folder = folder
        self.path = path
        self.version = version
    }
}

/// A file that is not quiet yet, and why.
package struct SettlingFile: Hashable, Sendable {
    package let file: FoundFile
    package let reason: String

    package init(_ file: FoundFile, reason: String) {
        self.file = file
        self.reason = reason
    }
}

/// A file taken from the queue, with what an earlier try left behind.
package struct QueuedFile: Hashable, Sendable {
    package let file: MediaFile
    /// Tries that failed so far.
    package let attempts: Int

    package init(_ file: MediaFile, attempts: Int) {
        self.file = file
        self.attempts = attempts
    }
}

/// What the ledger knows of one file.
package struct FileRecord: Hashable, Sendable {
    package let path: FilePath
    package let folder: String?
    package let account: String?
    package let state: FileState
    /// In plain words; empty where the state says all.
    package let reason: String
    package let version: FileVersion
    package let attempts: Int
    /// When the next try is due, for `queued`.
    package let due: Timestamp?
    package let updatedAt: Timestamp

    /// What it is waiting for, which is never nothing: ``reason``, or what the state itself says.
    package var words: String {
        if !reason.isEmpty { return reason }
        switch state {
        case .settling: return "it has changed a moment ago"
        case .queued: return "it waits for its turn"
        case .uploading: return "it is on its way"
        case .uploaded: return "it is up"
        case .rejected: return "it cannot go up as it is"
        case .gone: return "it has left"
        }
    }

    package init(
        path: FilePath,
        folder: String?,
        account: String?,
        state: FileState,
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
        self.reason = reason
        self.version = version
        self.attempts = attempts
        self.due = due
        self.updatedAt = updatedAt
    }
}
