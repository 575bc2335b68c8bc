import SystemPackage
import Watch

/// A waiting file, as the ledger has it.
package struct WaitingFile: Hashable, Sendable {
    /// The facts that were read from its content when it was queued.
    package struct Content: Hashable, Sendable {
        /// The directory beneath which it is opened.
        package let root: FilePath
        package let mime: MIMEType
        package let measure: MediaMeasure

        package init(root: FilePath, mime: MIMEType, measure: MediaMeasure = .unknown) {
            self.root = root
            self.mime = mime
            self.measure = measure
        }
    }

    /// The file's place in the queue. The longest wait has the lowest place.
    package let place: Int64
    package let path: FilePath
    package let version: FileVersion
    /// Nil for a file that was pushed by name from elsewhere.
    package let folder: String?
    /// Nil while the file settles.
    package let account: String?
    /// Nil while the file settles.
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

    /// A file that was claimed.
    init(_ file: MediaFile) {
        self.init(
            place: 0,
            path: file.path,
            version: file.version,
            folder: file.folder,
            account: file.account,
            content: Content(root: file.root, mime: file.mime, measure: file.measure)
        )
    }
}

/// Why a waiting file does not go up as it is queued.
package enum Dismissal: Hashable, Sendable {
    /// The file leaves the queue for this reason. If another folder or plan allows it, that folder's scan finds it
    /// anew.
    case letGo(String)
    case rejected(Rejection)

    /// The report of this dismissal.
    func event(of path: FilePath) -> PipelineEvent {
        switch self {
        case .letGo(let reason): .letGo(path, reason: reason)
        case .rejected(let rejection): .rejected(path, rejection)
        }
    }
}
