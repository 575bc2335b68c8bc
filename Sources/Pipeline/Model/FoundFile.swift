import SystemPackage
import Watch

/// A regular file that a scan or an event found, in the version of that moment.
package struct FoundFile: Hashable, Sendable {
    package let folder: String
    package let path: FilePath
    package let version: FileVersion

    package init(folder: String, path: FilePath, version: FileVersion) {
        self.folder = folder
        self.path = path
        self.version = version
    }
}

/// A file that is not quiet yet, and why.
package struct SettlingFile: Hashable, Sendable {
    package let file: FoundFile
    package let cause: WaitCause
    /// In plain words.
    package let reason: String
    /// When it is looked at again, in wall time; nil if that is not known.
    package let due: Timestamp?
    /// Whether the file has rested. ``reason`` then ends a sentence about it: "waits for a.done".
    package let isRested: Bool

    package init(
        _ file: FoundFile,
        cause: WaitCause = .settling,
        reason: String,
        due: Timestamp? = nil,
        isRested: Bool = false
    ) {
        self.file = file
        self.cause = cause
        self.reason = reason
        self.due = due
        self.isRested = isRested
    }
}

extension [FoundFile] {
    /// Each file with its own path.
    package init(_ files: FoundFiles) {
        self = []
        files.forEach { path, version in append(FoundFile(folder: files.folder, path: path(), version: version)) }
    }
}
