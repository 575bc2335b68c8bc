/// Whom an account's bytes go to, as far as the configuration says, and with which key; its name is none of it.
///
/// Where two configured accounts have one identity, they are one account. Which of the known accounts an identity is, where
/// its key is new, says ``KnownAccounts``.
package struct AccountIdentity: Hashable, Sendable {
    /// What shows that a new key leads to the account that an older one led to.
    package enum Proof: String, Hashable, Sendable {
        /// The target names the account itself: every key that it takes leads there.
        case target
        /// The provider's answers name the owner.
        case owner
        /// Nothing does: another key is another account.
        case key
    }

    /// `provider:` of the configuration, as the manifest shows it.
    package let provider: String
    /// A digest of contract, API address, account, company and workspace.
    package let target: String
    /// A digest of the target and, where the target does not say it all, the key.
    package let fingerprint: String
    package let proof: Proof
    /// A digest of the API's address and the key: who shares them shares one pace.
    package let pace: String

    /// `address` is the API's, in whatever spelling; `key` is not kept.
    package init(
        provider: String,
        contract: String,
        address: String,
        accountID: String? = nil,
        companyURN: String? = nil,
        workspaceID: String? = nil,
        proof: Proof,
        key: String
    ) {
        self.provider = provider
        self.proof = proof
        target = Self.digest([contract, Self.normalised(address), accountID, companyURN, workspaceID])
        pace = Self.digest(["pace", Self.normalised(address), key])
        fingerprint = Self.digest(["key", target, proof == .target ? nil : key])
    }

    /// The same for all spellings of one address: the scheme and the host have no case, a port that is the scheme's own need
    /// not be said, nor a slash at the end (RFC 3986, section 6.2).
    static func normalised(_ address: String) -> String {
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

    /// Each part with its length, so that no two lists are one text.
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

/// What became of a configured account's name when it was looked at anew, or when an answer named its owner.
package struct AccountChange: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// It is another account than so many files in its folders went up to: they go up to it.
        case another(files: Int)
        /// Its key is new, and no answer has named its owner yet: nothing is sent again, nothing counts as known.
        case unproven
        /// The owner of the new key is that of an older one: the account is the same.
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
