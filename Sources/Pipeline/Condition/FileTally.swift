/// How many files of one folder and account are in one state, for one stored cause.
package struct FileTally: Hashable, Sendable {
    /// Nil for files of no folder.
    package let folder: String?
    /// Nil while no account is known.
    package let account: String?
    package let state: FileState
    package let cause: WaitCause?
    package let files: Int
    package let bytes: Int64

    package init(
        folder: String?,
        account: String?,
        state: FileState,
        cause: WaitCause?,
        files: Int,
        bytes: Int64
    ) {
        self.folder = folder
        self.account = account
        self.state = state
        self.cause = cause
        self.files = files
        self.bytes = bytes
    }
}

/// Files that the ledger keeps together: those of one account that wait for one stored cause.
package struct StoredWait: Hashable, Sendable {
    package let account: String?
    package let state: FileState
    /// As the ledger has it. ``WaitOutlook/cause(of:)`` says what the files wait for now.
    package let cause: WaitCause?

    package init(account: String?, state: FileState, cause: WaitCause?) {
        self.account = account
        self.state = state
        self.cause = cause
    }
}

extension FileTally {
    /// Nil unless these files wait.
    package var wait: StoredWait? {
        state == .settling || state == .queued ? StoredWait(account: account, state: state, cause: cause) : nil
    }
}
