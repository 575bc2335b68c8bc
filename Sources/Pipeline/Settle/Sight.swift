import SystemPackage
import Watch

/// An event of Watch about one file, about all files beneath a directory, or about the end of its looks. For
/// ``Settler/handle(_:)``.
package enum Sight: Sendable {
    /// Something happened to the file. `renamed`: it was renamed into place.
    case changed(FilePath, folder: String, renamed: Bool = false)
    /// A look found these files.
    case found(FoundFiles)
    /// The file left.
    case gone(FilePath)
    /// All files beneath the directory left.
    case goneBelow(FilePath)
    /// All directories of the folder that came were looked into.
    case walked(folder: String)
}

extension Sight {
    /// A look found the file in this version.
    package static func found(_ file: FoundFile) -> Sight {
        .found(FoundFiles(file.path, file.version, folder: file.folder))
    }
}
