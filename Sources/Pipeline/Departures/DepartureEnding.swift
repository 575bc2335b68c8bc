import SystemPackage

/// What came of one try to let a file leave.
enum DepartureEnding: Hashable, Sendable {
    /// Gone from its folder; moved there, where it was moved.
    case left(to: FilePath?)
    /// Nothing, or another thing, has its name.
    case missing
    /// It is another version than the one that went up.
    case changed
    /// It was set aside, and has a name again: its own, or where that was taken another one.
    case returned(as: FilePath, reason: String)
    /// Somebody has it open for writing.
    case held
    /// The kernel does not tell whether somebody has it open, and it has not been quiet for long enough.
    case untold
}
