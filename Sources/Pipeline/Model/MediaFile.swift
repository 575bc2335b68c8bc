import SystemPackage
import Watch

/// A settled file that may go up: what Classify hands to Upload, by way of the durable queue.
package struct MediaFile: Hashable, Sendable {
    /// The watched folder it lies in; nil for a file that was pushed by name from elsewhere.
    package let folder: String?
    /// The directory beneath which it is opened, following no link: the watched folder's path.
    package let root: FilePath
    /// Absolute, and beneath `root`.
    package let path: FilePath
    package let version: FileVersion
    package let account: String
    package let mime: MIMEType
    package let kind: MediaKind
    /// The name the provider is told: the file's own, as valid UTF-8, with an ending that fits its content.
    package let uploadName: String

    package init(
        folder: String?,
        root: FilePath,
        path: FilePath,
        version: FileVersion,
        account: String,
        mime: MIMEType,
        kind: MediaKind,
        uploadName: String
    ) {
        self.folder = folder
        self.root = root
        self.path = path
        self.version = version
        self.account = account
        self.mime = mime
        self.kind = kind
        self.uploadName = uploadName
    }

    /// In bytes.
    package var size: Int64 { version.size }
}
