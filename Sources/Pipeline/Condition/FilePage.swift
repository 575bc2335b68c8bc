import SystemPackage

/// Which files a page of the list has.
package struct FileQuery: Sendable {
    /// Where a page begins: behind the last file of the page before.
    ///
    /// Files that wait are listed by their place in the queue, all others by the order in which they were first seen,
    /// or against it (``FileQuery/isNewestFirst``).
    package struct Cursor: Hashable, Sendable {
        package let number: Int64

        package init(_ number: Int64) {
            self.number = number
        }
    }

    package var state: FileState?
    /// Only files of these groups; nil: all files.
    package var waits: [StoredWait]?
    package var folder: String?
    package var account: String?
    /// Only files of this kind. A file that cannot go up has none.
    package var kind: MediaKind?
    /// Only paths with these bytes in them.
    package var text: String?
    /// Only files that this says yes to; nil: all.
    package var accepts: (@Sendable (FileRecord) -> Bool)?
    package var after: Cursor?
    /// Whether the file that was first seen last comes first. Not for ``waits``.
    package var isNewestFirst = false
    /// Whether the page tells what the manifest shows of each file.
    package var wantsEntries = false
    package var limit: Int

    package init(limit: Int = 100) {
        self.limit = limit
    }
}

/// A part of the list of files.
package struct FilePage: Sendable {
    package let files: [FileRecord]
    /// What the manifest shows of them, if that was asked for.
    package var entries: [FilePath: ManifestRow] = [:]
    /// Where the next page begins; nil if there is none. A page may have fewer files than its limit and still have a
    /// next one, as a page looks at a bounded number of files.
    package let next: FileQuery.Cursor?

    package init(files: [FileRecord], next: FileQuery.Cursor?) {
        self.files = files
        self.next = next
    }
}
