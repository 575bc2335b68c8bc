/// A claimed file, with the number of its earlier tries.
package struct QueuedFile: Hashable, Sendable {
    package let file: MediaFile
    /// Tries that failed so far.
    package let attempts: Int

    package init(_ file: MediaFile, attempts: Int) {
        self.file = file
        self.attempts = attempts
    }
}
