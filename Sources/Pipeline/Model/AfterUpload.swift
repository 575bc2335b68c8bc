import SystemPackage

/// What becomes of a file once it is up and recorded.
package enum AfterUpload: Hashable, Sendable {
    case keep
    case delete
    /// Beneath this directory, by the path that it has beneath its folder; a name that is taken gets a number.
    case move(FilePath)
}
