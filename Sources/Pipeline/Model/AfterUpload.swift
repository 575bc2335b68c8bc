import SystemPackage

/// What becomes of a file once it is up and recorded.
package enum AfterUpload: Hashable, Sendable {
    case keep
    case delete
    /// Into this directory, which lies on the same file system; a name that is taken there gets a number.
    case move(FilePath)
}
