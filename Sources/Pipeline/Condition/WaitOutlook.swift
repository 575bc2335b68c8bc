/// What waiting files wait for now.
///
/// The ledger has a cause for some files: the one that the file itself met last. What keeps the whole account is known
/// to its lane alone, as thousands of files would have to be written for it.
package struct WaitOutlook: Sendable, Equatable {
    /// By account: the cause that all its files wait for. Accounts that are open are left out.
    package var blocked: [String: WaitCause]
    /// Accounts of which a person lets nothing go up.
    package var pausedAccounts: Set<String> = []
    /// Folders of which a person lets nothing go up.
    package var pausedFolders: Set<String> = []
    /// Whether nothing can be recorded, so that nothing is begun.
    package var areRecordsClosed: Bool
    /// Whether a service tells what accounts wait for. Without one, only the cause that a file met last is known.
    package var isLive: Bool

    package init(blocked: [String: WaitCause] = [:], areRecordsClosed: Bool = false, isLive: Bool = true) {
        self.blocked = blocked
        self.areRecordsClosed = areRecordsClosed
        self.isLive = isLive
    }

    /// What the ledger alone tells.
    package static let ofLedger = WaitOutlook(isLive: false)

    package init(_ accounts: [AccountCondition], _ folders: [FolderCondition], areRecordsClosed: Bool) {
        self.init(areRecordsClosed: areRecordsClosed)
        for account in accounts { blocked[account.name] = account.block?.cause }
        pausedAccounts = Set(accounts.filter(\.isPaused).map(\.name))
        pausedFolders = Set(folders.filter(\.isPaused).map(\.name))
    }

    /// `folder`: the folder of the files; nil for files of none.
    package func cause(of wait: StoredWait, in folder: String?) -> WaitCause {
        if wait.state == .settling { return wait.cause ?? .settling }
        if areRecordsClosed { return .recordsClosed }
        if wait.account.map(pausedAccounts.contains) == true { return .paused }
        if folder.map(pausedFolders.contains) == true { return .paused }
        if let account = wait.account, let cause = blocked[account] { return cause }
        guard let cause = wait.cause else { return .slot }
        // The account has opened since the file met its cause.
        return isLive && cause.isOfAccount && cause != .noAccount ? .slot : cause
    }

    /// The same for one file; nil if it does not wait.
    package func cause(of record: FileRecord) -> WaitCause? {
        guard record.state == .settling || record.state == .queued else { return nil }
        let wait = StoredWait(account: record.account, state: record.state, cause: record.cause)
        return cause(of: wait, in: record.folder)
    }
}
