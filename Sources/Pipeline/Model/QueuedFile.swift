/// A file taken from the queue, with what an earlier try left behind.
package struct QueuedFile: Hashable, Sendable {
    package let file: MediaFile
    /// Tries that failed so far.
    package let attempts: Int

    package init(_ file: MediaFile, attempts: Int) {
        self.file = file
        self.attempts = attempts
    }
}
