import SystemPackage
import Watch

/// A file that has stopped changing. Settle hands it to Classify.
package struct SettledFile: Hashable, Sendable {
    /// The file, in the version at both ends of the quiet time.
    package let file: FoundFile
    /// What the file is by its bytes, or why they cannot be read. They come from the descriptor on which Settle found
    /// this version and no writer.
    package let finding: Result<MediaFinding, SourceFileError>

    package init(_ file: FoundFile, finding: Result<MediaFinding, SourceFileError>) {
        self.file = file
        self.finding = finding
    }

    package var folder: String { file.folder }
    package var path: FilePath { file.path }
    package var version: FileVersion { file.version }
    /// Whether no call can open the file, as its path is too long.
    var isTooLong: Bool { if case .failure(.tooLong) = finding { true } else { false } }
}
