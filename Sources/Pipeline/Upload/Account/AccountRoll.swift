import SystemPackage

/// Which account each configured name means, and each account's book.
///
/// The ledger fulfils this contract. Files wait under their account's *name*, and go up to the account that the name
/// means then. Assets, uploads and looks belong to the *account* (``AccountIdentity``).
package protocol AccountRoll: Sendable {
    /// Sets the accounts of the configuration, and the account of each folder. If `folders` is nil, folders keep
    /// theirs.
    ///
    /// An older ledger knew accounts by name alone. Its records under a name belong to the first target of that name,
    /// if the provider is the same.
    ///
    /// A folder's account may now certainly be another one than its files went up to. Then these files settle anew, in
    /// the same commit. So do files that were rejected for the other account. Their entries stay until the files are up
    /// again. Returns the changes to report.
    func adopt(
        _ accounts: [ConfiguredAccount],
        folders: [String: String]?,
        at time: Timestamp
    ) async throws -> [AccountChange]

    /// The asset that a path shows, and which of these accounts it belongs to. Nil if the path shows none.
    func shownAsset(at path: FilePath, _ accounts: [ConfiguredAccount]) async throws -> ShownAsset?

    /// The book of one account.
    func book(of account: ConfiguredAccount) -> any AssetBook
}
