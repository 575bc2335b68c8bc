import SystemPackage

/// What happened on disk, or what a look at it showed. Paths are absolute and begin with the folder's own path.
///
/// An event says where to look, not what is there: by the time it is read, more may have happened, and an event about
/// that follows. Telling the same thing twice is allowed; not telling it is not.
package enum WatchEvent: Sendable, Equatable {
    /// A scan saw this regular file.
    case found(FilePath, FileVersion, folder: String)
    /// A regular file was created, written, truncated, given other attributes, or closed after writing.
    case changed(FilePath, folder: String)
    /// A regular file was renamed to this path: its producer says that it is done.
    case renamedInto(FilePath, folder: String)
    /// The file was deleted or moved away.
    case gone(FilePath, folder: String)
    /// A directory left with all that was in it.
    case goneBelow(FilePath, folder: String)
    /// A whole pass over the folder ended: all files that are there have been named, and whoever remembers files compares
    /// with the disk what it remembers now, for events that took some away may have been lost. Not told after a pass that
    /// could not read everything; a directory that may not be read does not count here, as its files cannot be taken for gone.
    case scanned(folder: String)
    /// A look at the whole folder ended before it had seen everything: the folder's path leads nowhere, or a directory
    /// could not be read. All that could be seen has been named; another look follows.
    case scannedInPart(folder: String)
    /// What of the folder cannot be looked through, by the last look; nil: nothing any more. Told when it changes, and before
    /// the `scanned` or `scannedInPart` of the pass that found it out.
    case unread(Unread?, folder: String)
    /// The folder, or the directory at `path` in it, is not watched as it should be: what is done instead and what a person
    /// can do. What is known of its files stays true until a `scanned`.
    case unwatched(folder: String, path: FilePath, reason: String)
}
