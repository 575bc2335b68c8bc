import SystemPackage

/// What people ask of the ledger, beside the way of a file: pauses, other tries, and entries to forget.
///
/// The ledger fulfils this contract. When a call returns, its changes are on disk. Each call may be made again, and
/// changes nothing then.
package protocol ActionBook: Sendable {
    /// The pauses in force, oldest first.
    func pauses() async throws -> [Pause]

    /// Pauses these. What is paused already keeps its time.
    func pause(_ subjects: [Pause.Subject], at time: Timestamp) async throws

    /// Ends the pauses of these; nil: all pauses.
    func resume(_ subjects: [Pause.Subject]?) async throws

    /// Files that another try may help, of all folders and of none. They are queued and wait for more than their turn,
    /// or are rejected. In the order of their numbers, after that number.
    func retryable(_ state: FileState, after number: Int64, limit: Int) async throws -> [RetryCandidate]

    /// Uploaded files whose asset the provider could not process.
    func withFailedAssets() async throws -> [RetryCandidate]

    /// Lets these files be tried anew, in one commit that also records the step.
    ///
    /// A queued file is due at once, and its earlier tries do not count. A rejected file, or one whose asset failed,
    /// settles anew if its folder is among `watched`; the manifest shows its present word until there is another.
    func retry(_ paths: [FilePath], watched: Set<String>, at time: Timestamp) async throws -> [RetriedFile]

    /// Removes the entries of files that are not there, in one commit. All else that is kept of the paths goes, too.
    /// The assets stay known.
    func forget(_ paths: [FilePath], at time: Timestamp) async throws -> [ForgottenFile]

    /// Does the same for all entries whose files left before that time.
    func forgetLeft(before time: Timestamp) async throws
}

/// A file that another try may help.
package struct RetryCandidate: Hashable, Sendable {
    /// The file's number in the ledger.
    package let number: Int64
    package let path: FilePath
    package let folder: String?
    package let account: String?
    package let cause: WaitCause?

    package init(number: Int64, path: FilePath, folder: String?, account: String?, cause: WaitCause?) {
        self.number = number
        self.path = path
        self.folder = folder
        self.account = account
        self.cause = cause
    }
}

/// What a wish for another try came to.
package struct RetriedFile: Hashable, Sendable {
    /// Scripts read the raw values. A released one never changes.
    package enum Outcome: String, Sendable, CaseIterable {
        /// It waits in the queue, and is due at once.
        case due
        /// It was rejected, or its asset failed: it settles and goes up anew.
        case settles
        /// It settles or goes up at present, so there is nothing to do.
        case underWay = "under-way"
        /// It is up.
        case uploaded
        /// It left its folder.
        case gone
        /// It cannot be looked at anew, as no folder of the configuration watches it.
        case unwatched
        /// No file of this path is known.
        case unknown
    }

    package let path: FilePath
    package let outcome: Outcome
    package let folder: String?
    package let account: String?
    /// Whether the call changed anything.
    package let isChanged: Bool

    package init(
        _ path: FilePath,
        _ outcome: Outcome,
        folder: String? = nil,
        account: String? = nil,
        isChanged: Bool = false
    ) {
        self.path = path
        self.outcome = outcome
        self.folder = folder
        self.account = account
        self.isChanged = isChanged
    }
}

/// What a wish to forget an entry came to.
package struct ForgottenFile: Hashable, Sendable {
    /// Scripts read the raw values. A released one never changes.
    package enum Outcome: String, Sendable, CaseIterable {
        case forgotten
        /// The file is there, or on its way: its entry stays.
        case present
        /// The manifest shows nothing of the path.
        case unknown
    }

    package let path: FilePath
    package let outcome: Outcome

    package init(_ path: FilePath, _ outcome: Outcome) {
        self.path = path
        self.outcome = outcome
    }
}
