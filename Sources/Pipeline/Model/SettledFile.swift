import SystemPackage
import Watch

/// A file that has stopped changing: what Settle hands to Classify.
package struct SettledFile: Hashable, Sendable {
    /// The watched folder it lies in.
    package let folder: String
    /// Absolute.
    package let path: FilePath
    /// The version that was the same at both ends of the quiet time.
    package let version: FileVersion

    package init(folder: String, path: FilePath, version: FileVersion) {
        self.folder = folder
        self.path = path
        self.version = version
    }
}
