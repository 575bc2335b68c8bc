/// Whom an account's bytes go to by the configuration, and with which key. The account's name is no part of it.
///
/// Two configured accounts with one identity are one account. For an identity with a new key, ``KnownAccounts`` finds
/// the known account.
package struct AccountIdentity: Hashable, Sendable {
    /// The evidence that a new key leads to the same account as an older key.
    package enum Proof: String, Hashable, Sendable {
        /// The target names the account itself: every key for it leads there.
        case target
        /// The provider's answers name the owner.
        case owner
        /// No evidence: another key is another account.
        case key
    }

    /// `provider:` of the configuration, as the manifest shows it.
    package let provider: String
    /// A digest of contract, API address and the account's target keys.
    package let target: String
    /// A digest of the target and, unless the target proves the account, the key.
    package let fingerprint: String
    package let proof: Proof
    /// A digest of API address and key. Accounts that share both share one pace.
    package let pace: String

    /// `address` is the address of the API, in any spelling. `targets` has the account's target keys: those of
    /// the configuration that say whom the bytes go to. A key that is not given is left out. `key` is not kept.
    package init(
        provider: String,
        contract: String,
        address: String,
        targets: [String: String] = [:],
        proof: Proof,
        key: String
    ) {
        self.provider = provider
        self.proof = proof
        let others = targets.filter { !Self.placed.contains($0.key) }.sorted { $0.key < $1.key }
        target = Self.digest(
            [contract, Self.normalised(address)] + Self.placed.map { targets[$0] }
                + others.flatMap { [$0.key, $0.value] }
        )
        pace = Self.digest(["pace", Self.normalised(address), key])
        fingerprint = Self.digest(["key", target, proof == .target ? nil : key])
    }

    /// The keys that have a place in the digest, given or not. Any other key stands behind them, by its name, where it
    /// is given. So the digests of earlier versions stay as ledgers hold them.
    private static let placed = ["account_id", "company_urn", "workspace_id"]

    /// One spelling for all spellings of an address (RFC 3986, section 6.2). Scheme and host have no case. The scheme's
    /// own port and a slash at the end are left out.
    package static func normalised(_ address: String) -> String {
        let parts = address.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return address }
        let scheme = parts[0].lowercased()
        let given = parts[1].prefix { $0 != "/" }
        var authority = given.lowercased()
        var path = parts[1][given.endIndex...]
        while path.last == "/" { path.removeLast() }
        if let colon = authority.lastIndex(of: ":"), let port = Int(authority[authority.index(after: colon)...]),
            port == (scheme == "https" ? 443 : 80)
        {
            authority = String(authority[..<colon])
        }
        return "\(scheme)://\(authority)\(path)"
    }

    /// Writes each part with its length, so that no two lists give one text.
    private static func digest(_ parts: [String?]) -> String {
        SHA256Digest(of: parts.map { $0.map { "\($0.utf8.count):\($0)" } ?? "-" }.joined(separator: " ")).hex
    }
}

/// An account of the configuration: its name there, and whom its bytes go to.
package struct ConfiguredAccount: Hashable, Sendable {
    package let name: String
    package let identity: AccountIdentity

    package init(name: String, identity: AccountIdentity) {
        self.name = name
        self.identity = identity
    }
}

/// What became of a configured account, after a new configuration or after an answer named its owner.
package struct AccountChange: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// It is another one than before. Files of its folders, `files` in number, went up to that one. They go up to
        /// this one too.
        case another(files: Int)
        /// It is what it was. Files of its folders, `files` in number, went up to another account: the folders went
        /// through that one before. The files go up to this one too.
        case filesElsewhere(files: Int)
        /// Its key is new, and no answer has named the owner yet. Nothing is sent again, and nothing counts as known.
        case unproven
        /// The new key has the same owner as an older one: the account is the same.
        case same
    }

    /// The account's name in the configuration.
    package let account: String
    package let kind: Kind

    package init(account: String, kind: Kind) {
        self.account = account
        self.kind = kind
    }
}
