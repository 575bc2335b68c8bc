import SystemPackage

/// A change on disk, or what a look found. Paths are absolute and begin with the folder's own path.
///
/// An event says where to look, not what is there. More may happen before the event is read, and then another event
/// follows. An event may be sent twice, but never be left out.
package enum WatchEvent: Sendable, Equatable {
    /// A look saw these regular files.
    case found(FoundFiles)
    /// A regular file was created, written, truncated, given other attributes, or closed after writing.
    case changed(FilePath, folder: String)
    /// A regular file was renamed to this path. Its producer says that it is done.
    case renamedInto(FilePath, folder: String)
    /// A scan saw an ignored name with the folder's `hiddenPrefix`: a file, or a directory that is not entered.
    case hidden(FilePath, folder: String)
    /// The file was deleted or moved away.
    case gone(FilePath, folder: String)
    /// A directory left with everything in it.
    case goneBelow(FilePath, folder: String)
    /// All directories that came until now have been looked into. Sent after `goneBelow`: what such a directory had may
    /// have been found at another place meanwhile.
    case walked(folder: String)
    /// A scan of the folder begins. From here on, a file that is not among the found ones may have left.
    case scanning(folder: String)
    /// A whole scan of the folder ended, and all its present files have been sent.
    ///
    /// The receiver now compares the files that it remembers with the disk, as events of removals may have been lost.
    /// Not sent after a scan that could not read everything. A directory without permission does not count here, for
    /// its files cannot count as gone.
    case scanned(folder: String)
    /// A look at the whole folder ended too early. The folder's path leads nowhere, or a directory could not be read.
    /// All visible files have been sent, and another look follows.
    case scannedInPart(folder: String)
    /// The directories that could not be read at the last look; nil: all can be read again. Sent when this changes, and
    /// before the `scanned` or `scannedInPart` of the scan that found it.
    case unread(Unread?, folder: String)
    /// What the folder ignores has changed, by an `.outtrayignore`. Files that are not ignored any more are found by
    /// looks that follow. Of files that are ignored now, events tell only the end.
    case ignoring(folder: String)
    /// The folder, or the directory at `path`, is not watched as it should be. `reason` says what is done instead, and
    /// what a person can do. What is known of the files stays true until the next `scanned`.
    case unwatched(folder: String, path: FilePath, reason: String)
}

extension WatchEvent {
    /// A look saw this regular file.
    package static func found(_ path: FilePath, _ version: FileVersion, folder: String) -> WatchEvent {
        .found(FoundFiles(path, version, folder: folder))
    }
}
