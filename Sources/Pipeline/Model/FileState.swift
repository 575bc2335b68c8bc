/// How far a file has come. The ledger and the output for users contain the raw values.
package enum FileState: String, Sendable, Codable, CaseIterable {
    /// Still changing, or held open.
    case settling
    /// Waits for a slot, its account's pace, or its next attempt.
    case queued
    /// Asked, sending, or finishing.
    case uploading
    /// In the manifest.
    case uploaded
    /// Cannot go up as it is.
    case rejected
    /// It lay in its folder before the folder was watched, and the folder skips such files.
    case skipped
    /// Either the file left its folder and its path shows an entry, or the file was let go of. The reason for the
    /// latter: the configuration does not want it any more, or it was pushed by name and changed. A file let go of is
    /// known for a day. Any other file that left is forgotten.
    case gone
}
