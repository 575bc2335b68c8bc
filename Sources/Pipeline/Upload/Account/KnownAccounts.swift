/// The accounts that a ledger knows, and which of them a configured one is.
///
/// A value without ledger, so that the rules are tested by calling them. What cannot be told is never taken for the same
/// account (no id of another one may be shown), and never for another one (nothing is sent twice).
package struct KnownAccounts: Sendable {
    /// An account that bytes went to, or are to go to.
    package struct Account: Hashable, Sendable {
        package let id: Int64
        /// As in the configuration that it was first met in.
        package let provider: String
        /// The name it was first met under.
        package let name: String
        /// Nil for an account that is known by its name alone: it belongs to the target that the name has first.
        package let target: String?
        /// Nil as long as it has no target.
        package let proof: AccountIdentity.Proof?
        /// As an answer named it.
        package let owner: String?

        package init(
            id: Int64,
            provider: String,
            name: String,
            target: String?,
            proof: AccountIdentity.Proof?,
            owner: String? = nil
        ) {
            self.id = id
            self.provider = provider
            self.name = name
            self.target = target
            self.proof = proof
            self.owner = owner
        }

        /// Whether both are certainly not one account.
        fileprivate func isAnother(than other: Account) -> Bool {
            if id == other.id { return false }
            guard let target, let theirs = other.target else { return provider != other.provider }
            guard target == theirs else { return true }
            guard let owner, let owners = other.owner else { return proof == .key }
            return !owner.isSameText(as: owners)
        }
    }

    /// What a configured account is.
    package enum Finding: Hashable, Sendable {
        /// Known by its fingerprint.
        case known(Account)
        /// Known by its name and provider alone, until now.
        case claims(Account)
        /// None that can be shown to be the same.
        case new
    }

    /// What an owner makes of an account that has another one, or none.
    package enum OwnerFinding: Hashable, Sendable {
        /// Nothing that was not known.
        case nothing
        /// The account's owner is known now; it is not that of another key for the same target, where there is one.
        case named(isAnother: Bool)
        /// The account is this one: what it has belongs there.
        case same(Account)
        /// The key leads to this one from now on; nil: to a new one.
        case moved(Account?)
    }

    private let accounts: [Int64: Account]
    private let keys: [String: Int64]

    /// `keys` are the accounts' ids by fingerprint.
    package init(_ accounts: [Account], keys: [String: Int64]) {
        self.accounts = Dictionary(accounts.map { ($0.id, $0) }) { first, _ in first }
        self.keys = keys
    }

    /// Which known account a configured one is.
    package func find(_ account: ConfiguredAccount) -> Finding {
        if let known = keys[account.identity.fingerprint].flatMap({ accounts[$0] }) { return .known(known) }
        let claimed = accounts.values.first {
            $0.target == nil && $0.provider == account.identity.provider && $0.name.isSameText(as: account.name)
        }
        return claimed.map(Finding.claims) ?? .new
    }

    /// The accounts that a configured one certainly is not.
    package func others(than account: ConfiguredAccount) -> Set<Int64> {
        let own: Account =
            switch find(account) {
            case .known(let known): known
            // It is to have the configured one's target.
            case .claims(let known): meant(by: account, id: known.id)
            case .new: meant(by: account, id: 0)
            }
        return Set(accounts.values.filter { $0.isAnother(than: own) }.map(\.id))
    }

    private func meant(by account: ConfiguredAccount, id: Int64) -> Account {
        let identity = account.identity
        return Account(
            id: id,
            provider: identity.provider,
            name: account.name,
            target: identity.target,
            proof: identity.proof
        )
    }

    /// What is worth telling of a name that meant the account `before` until now, of whose folders' files so many go up anew.
    package func change(of account: ConfiguredAccount, from before: Int64?, files: Int) -> AccountChange? {
        if files > 0 { return AccountChange(account: account.name, kind: .another(files: files)) }
        guard let before else { return nil }
        switch find(account) {
        case .known(let own) where own.id == before: return nil
        case .claims(let own) where own.id == before: return nil
        default: break
        }
        let isAnother = others(than: account).contains(before)
        return AccountChange(account: account.name, kind: isAnother ? .another(files: 0) : .unproven)
    }

    /// Whether these two are certainly not one account.
    package func areTwo(_ one: Int64, _ other: Int64) -> Bool {
        guard let one = accounts[one], let other = accounts[other] else { return false }
        return one.isAnother(than: other)
    }

    /// An answer to a request of this account named the owner.
    package func look(at owner: String, of id: Int64) -> OwnerFinding {
        guard let account = accounts[id] else { return .nothing }
        if account.owner?.isSameText(as: owner) == true { return .nothing }
        let rest = accounts.values.filter { $0.id != id && $0.target == account.target && $0.owner != nil }
        let same = rest.filter { $0.owner?.isSameText(as: owner) == true }.min { $0.id < $1.id }
        if account.owner != nil { return .moved(same) }
        return same.map(OwnerFinding.same) ?? .named(isAnother: !rest.isEmpty)
    }
}

extension String {
    /// Byte by byte: two spellings of one letter are two names.
    fileprivate func isSameText(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
