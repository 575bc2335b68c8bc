import SystemPackage
import Watch

/// An uploaded file that is to leave its folder, as recorded with its upload.
package struct Departure: Hashable, Sendable {
    /// The ledger's own number, never given twice.
    package let id: Int64
    package let folder: String
    /// The folder's path when the file went up.
    package let root: FilePath
    package let path: FilePath
    /// The version that went up.
    package let version: FileVersion
    package let account: String
    /// The folder's `after_upload` when the file went up.
    package let action: AfterUpload
    /// The digest of the bytes that went up.
    package let sha256: SHA256Digest
    /// The provider's word on the asset.
    package let status: AssetStatus
    /// The new path of a moving file, as soon as it is decided.
    package let aim: FilePath?
    package let recordedAt: Timestamp
    /// Tries that failed so far.
    package let attempts: Int
    /// Whether the bytes are at the folder's present account. If nil, the accounts' names decide.
    package let hasFoldersAccount: Bool?

    package init(
        id: Int64,
        folder: String,
        root: FilePath,
        path: FilePath,
        version: FileVersion,
        account: String,
        action: AfterUpload,
        sha256: SHA256Digest,
        status: AssetStatus,
        aim: FilePath?,
        recordedAt: Timestamp,
        attempts: Int,
        hasFoldersAccount: Bool? = nil
    ) {
        self.id = id
        self.folder = folder
        self.root = root
        self.path = path
        self.version = version
        self.account = account
        self.action = action
        self.sha256 = sha256
        self.status = status
        self.aim = aim
        self.recordedAt = recordedAt
        self.attempts = attempts
        self.hasFoldersAccount = hasFoldersAccount
    }
}

extension Departure {
    /// The decision of the configuration in force about a departure.
    enum Verdict: Hashable, Sendable {
        case leaves(AfterUpload)
        /// The departure is void, for this reason.
        case stays(String)
    }

    /// Decides whether the file may still leave.
    ///
    /// It may if it lies in the folder's present path, the folder's present account has the bytes, and the
    /// configuration still wants it. It stays if the provider could not process the bytes.
    func verdict(in plan: FolderPlan?) -> Verdict {
        guard let plan else { return .stays("its folder is not watched any more") }
        guard path.starts(with: plan.path), path != plan.path else {
            return .stays("it lies outside of its folder's present path")
        }
        guard hasFoldersAccount ?? (account == plan.account) else {
            return .stays("its folder has another account by now")
        }
        guard status != .failed else { return .stays("its provider could not process it") }
        switch (action, plan.afterUpload) {
        case (.delete, .delete), (.move, .move): return .leaves(plan.afterUpload)
        default: return .stays("after_upload of its folder says otherwise by now")
        }
    }

    /// How long a file must be quiet if the kernel does not tell who writes to it: `settle` × 10, at least a minute.
    package static func quietTime(settle: Duration) -> Duration { max(settle * 10, .seconds(60)) }

    /// The name of a copy that is not whole yet.
    var copyName: FilePath.Component? { HiddenName(.copy, of: self)?.component }
}
