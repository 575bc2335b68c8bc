import SystemPackage
import Watch

/// A file that has stopped changing. Settle hands it to Classify.
package struct SettledFile: Hashable, Sendable {
    /// The file, in the version at both ends of the quiet time.
    package let file: FoundFile

    package init(_ file: FoundFile) {
        self.file = file
    }

    package var folder: String { file.folder }
    package var path: FilePath { file.path }
    package var version: FileVersion { file.version }
}
