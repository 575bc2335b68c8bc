/// Where a file is on its way; the raw values stand in the ledger and in what users are shown.
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
    /// Left the folder, and its path shows an entry; or let go of, as the configuration does not ask for it any more, which
    /// is known for a day. Of any other file that left nothing is known.
    case gone
}
