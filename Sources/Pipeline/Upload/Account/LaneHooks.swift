import Threads

/// A lane's ways to the other stages.
struct LaneHooks: Sendable {
    /// Rings when the ledger has changes that the manifest's files lack.
    let manifest: Doorbell
    /// Rings when an asset was uploaded that its provider is still processing.
    let processing: Doorbell
    /// What the present configuration says of a file. Asked when the file's turn comes.
    let turn: @Sendable (MediaFile) -> WaitingRules.Turn
    /// How often folders have changed what they ignore.
    var ignoring = IgnoringChanges()
    /// What pauses hold back; nil if the whole account is paused.
    var paused: @Sendable () -> HeldBack? = { .nothing }
    /// A file changed after it had settled.
    let changed: @Sendable (MediaFile) async -> Void
    /// All files of the account wait from now on.
    var blocked: @Sendable (AccountBlock) -> Void = { _ in }
}
