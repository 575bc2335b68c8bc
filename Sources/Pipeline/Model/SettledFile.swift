import SystemPackage
import Watch

/// A file that has stopped changing. Settle hands it to Classify.
package struct SettledFile: Hashable, Sendable {
    /// The file's watched folder.
    package let folder: String
    /// Absolute.
    package let path: FilePath
    /// The version at both ends of the quiet time.
    package let version: FileVersion

    package init(folder: String, path: FilePath, version: FileVersion) {
        self.folder = folder
        self.path = path
        self.version = version
    }
}
