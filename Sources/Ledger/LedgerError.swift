/// Why the ledger could not be opened, read or written.
package struct LedgerError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
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
    package let cause: (any Error)?

    package init(_ kind: Kind, _ reason: String, cause: (any Error)? = nil) {
        self.kind = kind
        self.reason = reason
        self.cause = cause
    }

    package var description: String { reason }
}
