import SystemPackage

/// What happens to a file when it is up and recorded.
package enum AfterUpload: Hashable, Sendable {
    case keep
    case delete
    /// Moved beneath this directory, with its path beneath its folder. If the name is taken, it gets a number.
    case move(FilePath)
}
