import SystemPackage

/// An event of Watch about one file, or about all files beneath a directory. For ``Settler/handle(_:)``.
package enum Sight: Sendable {
    /// Something happened to the file. `renamed`: it was renamed into place.
    case changed(FilePath, folder: String, renamed: Bool = false)
    /// A scan found the file in this version.
    case found(FoundFile)
    /// The file left.
    case gone(FilePath)
    /// All files beneath the directory left.
    case goneBelow(FilePath)
}
