import Watch

/// What becomes of the files that lie in a folder when it is watched for the first time.
package enum ExistingFiles: String, Hashable, Sendable, CaseIterable {
    case upload
    /// They stay as they are, and are known as ``FileState/skipped``.
    case skip
}

/// The first look through a folder. Files that it finds lay there before, unless they came while it went on.
package struct FirstLook: Hashable, Sendable {
    /// When it began.
    package let begun: Timestamp

    package init(begun: Timestamp) {
        self.begun = begun
    }

    /// Whether a file lay there when the look began: its inode has not changed since.
    ///
    /// A file that is made, or renamed into the folder, has a later ctime (rename(2) sets it on Linux' own file
    /// systems). Whole seconds are cut off by some file systems (``FileVersion/granularity``): there a file of the last
    /// two seconds counts as new.
    package func found(_ version: FileVersion) -> Bool {
        let margin: Int64 = version.changed % 1_000_000_000 == 0 ? 2_000_000_000 : 0
        return version.changed <= begun.milliseconds * 1_000_000 - margin
    }
}
