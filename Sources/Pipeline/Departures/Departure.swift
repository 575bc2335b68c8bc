import SystemPackage
import Watch

/// An uploaded file that is to leave its folder, as it was recorded with its upload.
package struct Departure: Hashable, Sendable {
    /// The ledger's own number, which it gives once and never again.
    package let id: Int64
    package let folder: String
    /// The folder's path when the file went up.
    package let root: FilePath
    package let path: FilePath
    /// The version that went up.
    package let version: FileVersion
    package let account: String
    /// What `after_upload` said when the file went up.
    package let action: AfterUpload
    /// The digest of the bytes that went up.
    package let sha256: SHA256Digest
    /// The provider's word on the asset.
    package let status: AssetStatus
    /// Where a move was about to put the file, once that was decided.
    package let aim: FilePath?
    package let recordedAt: Timestamp
    /// Tries that failed so far.
    package let attempts: Int
    /// Whether the account that has the bytes is the one that the folder has now; nil where that was not told, and the names
    /// decide.
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
    /// What the configuration in force makes of a departure.
    enum Verdict: Hashable, Sendable {
        case leaves(AfterUpload)
        /// The departure is void, for this reason.
        case stays(String)
    }

    /// Whether the file may still leave: it lies in the folder as that is now, the folder's account is the one that has the
    /// bytes, its configuration still asks for it, and the provider can use the bytes.
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

    /// How long a file stays at least of which the kernel does not tell whether somebody writes to it.
    package static func quietTime(settle: Duration) -> Duration { max(settle * 10, .seconds(60)) }

    /// The name that the file has between its own and none: hidden, with its own name for people, and the same after a
    /// restart. The inode tells apart what two ledgers number alike.
    var asideName: FilePath.Component? { hiddenName(".outtray-\(id)-\(version.inode).") }

    /// The name of a directory for it, where the file system needs one.
    var shelterName: FilePath.Component? { hiddenName(".outtray-aside-\(id)-\(version.inode).") }

    /// The name of a copy that is not whole yet.
    var copyName: FilePath.Component? { hiddenName(".outtray-copy-\(id)-\(version.inode).") }

    private func hiddenName(_ prefix: String) -> FilePath.Component? {
        let own = path.lastComponent.map { FilePath(root: nil, components: $0).bytes } ?? []
        return FilePath(bytes: (Array(prefix.utf8) + own).prefix(255)).lastComponent
    }
}
