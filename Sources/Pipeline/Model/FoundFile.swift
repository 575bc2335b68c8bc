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

    package init(_ file: FoundFile, cause: WaitCause = .settling, reason: String) {
        self.file = file
        self.cause = cause
        self.reason = reason
    }
}

extension [FoundFile] {
    /// Each file with its own path.
    package init(_ files: FoundFiles) {
        self = []
        files.forEach { path, version in append(FoundFile(folder: files.folder, path: path(), version: version)) }
    }
}
