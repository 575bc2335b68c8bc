/// What a hook is called for. The raw values stand in the ledger, in events, and after `on_` in the configuration; a
/// released one never changes.
package enum HookTrigger: String, CaseIterable, Sendable {
    /// The journal says `uploaded`: a file's bytes are at its account.
    case uploaded
    /// The file's asset can be used, as far as its provider tells.
    case ready
    /// The journal says `rejected`.
    case rejected
    /// All files of an account wait, for a new cause.
    case blocked
}
