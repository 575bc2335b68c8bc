import SystemPackage

/// The result of one try to let a file leave.
enum DepartureEnding: Hashable, Sendable {
    /// The file has left its folder. If it was moved, `to` is its new path.
    case left(to: FilePath?)
    /// Nothing, or no regular file, has the name.
    case missing
    /// The file is another version than the one that went up.
    case changed
    /// The file was set aside and has a name again: its own, or another one if that was taken.
    case returned(as: FilePath, reason: String)
    /// Somebody has the file open for writing.
    case held
    /// The kernel does not tell who has the file open, and it has not been quiet for long enough.
    case untold
}
