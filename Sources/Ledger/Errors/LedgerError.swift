import Pipeline

/// Why the ledger could not be opened, read or written.
package struct LedgerError: RecordingFailure, CustomStringConvertible {
    package enum Kind: Hashable, Sendable, CaseIterable {
        /// The file cannot be made or opened: path, permissions, another program's file.
        case cannotOpen
        /// The file's content is not what was written; it is left as it is.
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
        /// The file was removed, or another one put in its place, while it was open: what is written to it now would be
        /// lost.
        case replaced
        /// ``SQLiteLedger/close()`` was called before.
        case closed
        /// An asset that is not in the ledger.
        case unknownAsset
        /// None of the above: an error of ours.
        case other
    }

    package let kind: Kind
    /// One sentence without a full stop, for the person who has to do something, with what to do.
    package let reason: String
    /// The reason without what to do.
    package let finding: String
    package let cause: (any Error)?

    /// `advice` says what to do about the finding; it is empty where the finding says that already.
    package init(_ kind: Kind, _ finding: String, advice: String = "", cause: (any Error)? = nil) {
        self.kind = kind
        self.finding = finding
        reason = finding + advice
        self.cause = cause
    }

    /// Whether it stays as it is while this process runs, whatever is done about the cause: to try again is of no use, to
    /// start anew may be.
    ///
    /// Not lasting are a disk without room, one that may not be written or that fails, and another process's lock: they
    /// pass, or somebody mends them, and the same connection works again. Nor is ``Kind/cannotOpen``: with the file open,
    /// SQLite says so when it lacks a descriptor for its log or for one more reader. ``Kind/unknownAsset`` and
    /// ``Kind/other`` are about one call.
    package var isLasting: Bool {
        switch kind {
        case .corrupt, .newerSchema, .replaced, .closed: true
        case .cannotOpen, .full, .readOnly, .busy, .inputOutput, .unknownAsset, .other: false
        }
    }

    package var isOfOneCall: Bool { kind == .unknownAsset || kind == .other }

    package var description: String { reason }
}
