/// Which account each configured name means, and each account's book.
///
/// The contract that the ledger fulfils: files wait under their account's *name* and go up to what it means then; assets,
/// uploads and looks belong to the *account* (``AccountIdentity``).
package protocol AccountRoll: Sendable {
    /// Tells which accounts the configuration has, and which of them each folder goes through (nil: as before).
    ///
    /// What is known under a name of a ledger that knew names alone belongs to the target that the name has first, where the
    /// provider is the same. Files in a folder whose account is certainly another than the one they went up to settle anew,
    /// in the same commit, and so do those that were rejected for another one; their entries stay until they are up.
    /// Returns what is worth telling.
    func adopt(
        _ accounts: [ConfiguredAccount],
        folders: [String: String]?,
        at time: Timestamp
    ) async throws -> [AccountChange]

    /// What is known of one account.
    func book(of account: ConfiguredAccount) -> any AssetBook
}
