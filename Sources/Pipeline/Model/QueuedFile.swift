/// A claimed file, with the number of its earlier tries.
package struct QueuedFile: Hashable, Sendable {
    package var file: MediaFile
    /// Tries that failed so far.
    package let attempts: Int
    /// When the claim recorded the intent to ask. Nil if the account may know the bytes, or has an upload that may be
    /// of the file: the try has to look.
    package var begun: Timestamp?

    package init(_ file: MediaFile, attempts: Int, begun: Timestamp? = nil) {
        self.file = file
        self.attempts = attempts
        self.begun = begun
    }
}
