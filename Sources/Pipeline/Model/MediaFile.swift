import SystemPackage
import Watch

/// A settled file that may go up. Classify hands it to Upload through the durable queue.
package struct MediaFile: Hashable, Sendable {
    /// The file's watched folder; nil for a file that was pushed by name from elsewhere.
    package let folder: String?
    /// The file is opened beneath this directory, following no link: the watched folder's path.
    package let root: FilePath
    /// Absolute, and beneath `root`.
    package let path: FilePath
    package let version: FileVersion
    package let account: String
    package let mime: MIMEType
    package let kind: MediaKind
    /// The name for the provider: the file's own name as valid UTF-8, with an ending that fits the content.
    package let uploadName: String
    package let measure: MediaMeasure
    /// What may keep the provider from using the file. It goes up all the same. They are those of the configuration in
    /// force when the file was classified, and anew when its turn comes (``WaitingRules/turn(of:)``).
    package var warnings: [MediaWarning]
    /// The provider's own folder that the file's folder sends its files to; nil for the account's. It is the
    /// configuration's in force when the file's turn comes (``WaitingRules/turn(of:)``).
    package var library: String?

    package init(
        folder: String?,
        root: FilePath,
        path: FilePath,
        version: FileVersion,
        account: String,
        mime: MIMEType,
        kind: MediaKind,
        uploadName: String,
        measure: MediaMeasure = .unknown,
        warnings: [MediaWarning] = []
    ) {
        self.folder = folder
        self.root = root
        self.path = path
        self.version = version
        self.account = account
        self.mime = mime
        self.kind = kind
        self.uploadName = uploadName
        self.measure = measure
        self.warnings = warnings
    }

    /// In bytes.
    package var size: Int64 { version.size }

    /// Whether the file is read as a whole before it goes.
    package var isShort: Bool { Self.isShort(size) }

    package static func isShort(_ size: Int64) -> Bool { size <= longestShort }

    /// 256 KiB. Such a file is read so quickly that nothing is gained by sending its first part meanwhile.
    package static let longestShort: Int64 = 256 << 10
}
