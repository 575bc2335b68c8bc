import SystemPackage
import Watch

/// A file that waits, as the ledger has it.
package struct WaitingFile: Hashable, Sendable {
    /// What was read of its content when it was queued.
    package struct Content: Hashable, Sendable {
        /// The directory beneath which it is opened.
        package let root: FilePath
        package let mime: MIMEType

        package init(root: FilePath, mime: MIMEType) {
            self.root = root
            self.mime = mime
        }
    }

    /// Who has waited longest has the least.
    package let place: Int64
    package let path: FilePath
    package let version: FileVersion
    /// Nil for a file that was pushed by name from elsewhere.
    package let folder: String?
    /// Nil while it settles.
    package let account: String?
    /// Nil while it settles.
    package let content: Content?

    package init(
        place: Int64,
        path: FilePath,
        version: FileVersion,
        folder: String?,
        account: String?,
        content: Content?
    ) {
        self.place = place
        self.path = path
        self.version = version
        self.folder = folder
        self.account = account
        self.content = content
    }

    /// A file that was taken from the queue.
    init(_ file: MediaFile) {
        self.init(
            place: 0,
            path: file.path,
            version: file.version,
            folder: file.folder,
            account: file.account,
            content: Content(root: file.root, mime: file.mime)
        )
    }
}

/// Why a file that waits does not go up as it is queued.
package enum Dismissal: Hashable, Sendable {
    /// Nobody has it in hand any more, for this reason; where it may go up otherwise, the folder's scan finds it anew.
    case letGo(String)
    case rejected(Rejection)

    /// What is told of it.
    func event(of path: FilePath) -> PipelineEvent {
        switch self {
        case .letGo(let reason): .letGo(path, reason: reason)
        case .rejected(let rejection): .rejected(path, rejection)
        }
    }
}
