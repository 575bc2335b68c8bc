import Watch

/// What becomes of the files that lie in a folder when it is watched for the first time.
package enum ExistingFiles: String, Hashable, Sendable, CaseIterable {
    case upload
    /// They stay as they are, and are known as ``FileState/skipped``.
    case skip
}

/// The first look through a folder. Files that it finds lay there before, unless they came while it went on.
package struct FirstLook: Hashable, Sendable {
    /// When it began: before the folder's first directory was watched.
    package let begun: Timestamp

    package init(begun: Timestamp) {
        self.begun = begun
    }

    /// Whether a file lay there when the look began: its inode has not changed since.
    ///
    /// A file that is made, or renamed into the folder, has a later ctime. (Linux' own file systems set it at a rename;
    /// FAT does not.) Where the times are so close that the file system's clock cannot tell them apart, the file counts
    /// as new (``FileVersion/granularity``). A ctime that is still to come tells nothing: the clock is wrong, and the
    /// file counts as one that lay there. That can be mended, and an upload cannot.
    package func found(_ version: FileVersion, at now: Timestamp) -> Bool {
        let (begun, soon) = (begun.nanoseconds, now.advanced(by: .seconds(2)).nanoseconds)
        return version.changed < begun && !version.isYoung(at: begun) || version.changed > soon
    }
}
