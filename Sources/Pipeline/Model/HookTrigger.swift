/// What a hook is called for. The raw values stand in the ledger, in events, and after `on_` in the configuration; a
/// released one never changes.
package enum HookTrigger: String, CaseIterable, Sendable {
    /// The journal says `uploaded`: a file's bytes are at its account.
    case uploaded
    /// The file's asset can be used, as far as its provider tells.
    case ready
    /// The journal says `rejected`.
    case rejected
    /// A directory is quiet, and all its files are ready.
    case folderReady = "folder_ready"
    /// All files of an account wait, for a new cause.
    case blocked

    /// Whether its events are of paths. A block is an account's.
    package var isOfPath: Bool { self != .blocked }
}
