import SystemPackage
import Watch

/// A file that has stopped changing. Settle hands it to Classify.
package struct SettledFile: Hashable, Sendable {
    /// The file, in the version at both ends of the quiet time.
    package let file: FoundFile
    /// The file's first bytes, as many as Classify needs, or why they cannot be read. They come from the descriptor on
    /// which Settle found this version and no writer.
    package let head: Result<[UInt8], SourceFileError>

    package init(_ file: FoundFile, head: Result<[UInt8], SourceFileError>) {
        self.file = file
        self.head = head
    }

    package var folder: String { file.folder }
    package var path: FilePath { file.path }
    package var version: FileVersion { file.version }
}
