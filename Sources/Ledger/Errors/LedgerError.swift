import Pipeline

/// Why the ledger could not be opened, read or written.
package struct LedgerError: RecordingFailure, CustomStringConvertible {
    package enum Kind: Hashable, Sendable, CaseIterable {
        /// The file cannot be made or opened: path, permissions, or another program's file.
        case cannotOpen
        /// The file's content is not what was written. The file is left as it is.
        case corrupt
        /// A newer version of Outtray wrote the file.
        case newerSchema
        /// The disk, or the quota of its user, is full.
        case full
        /// The file or its file system may not be written.
        case readOnly
        /// Another process held the file for longer than the busy timeout.
        case busy
        /// The disk failed while reading or writing.
        case inputOutput
        /// The file was removed or replaced by another one while it was open. Further writes to it would be lost.
        case replaced
        /// ``SQLiteLedger/close()`` was called before.
        case closed
        /// The asset is not in the ledger.
        case unknownAsset
        /// None of the above: an error of our own.
        case other
    }

    package let kind: Kind
    /// One sentence without a full stop, for the person who has to act. It says what to do.
    package let reason: String
    /// The reason without what to do.
    package let finding: String
    package let cause: (any Error)?

    /// `advice` says what to do. It is empty if the finding says so already.
    package init(_ kind: Kind, _ finding: String, advice: String = "", cause: (any Error)? = nil) {
        self.kind = kind
        self.finding = finding
        reason = finding + advice
        self.cause = cause
    }

    /// Whether the error lasts while this process runs, even if its cause is gone. To try again is of no use; a new
    /// start may help.
    ///
    /// A disk that is full, fails or may not be written does not last, nor does another process's lock. Such a cause
    /// passes, or a person mends it, and the same connection works again.
    ///
    /// ``Kind/cannotOpen`` does not last either. With the file open, SQLite reports it when it lacks a descriptor for
    /// its log or for one more reader. ``Kind/unknownAsset`` and ``Kind/other`` are about one call.
    package var isLasting: Bool {
        switch kind {
        case .corrupt, .newerSchema, .replaced, .closed: true
        case .cannotOpen, .full, .readOnly, .busy, .inputOutput, .unknownAsset, .other: false
        }
    }

    package var isOfOneCall: Bool { kind == .unknownAsset || kind == .other }

    package var description: String { reason }
}
