/// The accounts that a ledger knows. Tells which of them a configured account is.
///
/// A value without ledger, so each rule is tested by calling it. Two accounts may be neither certainly the same nor
/// certainly different. They never count as the same: no id of another account may be shown. They never count as
/// different: nothing is sent twice.
package struct KnownAccounts: Sendable {
    /// An account that bytes went to, or are to go to.
    package struct Account: Hashable, Sendable {
        package let id: Int64
        /// The provider in the configuration that first named the account.
        package let provider: String
        /// The account's first name.
        package let name: String
        /// Nil if the account is known by its name alone. It then belongs to the first target of that name.
        package let target: String?
        /// Nil as long as the account has no target.
        package let proof: AccountIdentity.Proof?
        /// The owner's name, from an answer.
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

        /// Whether the two are certainly different accounts.
        fileprivate func isAnother(than other: Account) -> Bool {
            if id == other.id { return false }
            guard let target, let theirs = other.target else { return provider != other.provider }
            guard target == theirs else { return true }
            guard let owner, let owners = other.owner else { return proof == .key }
            return !owner.isSameText(as: owners)
        }
    }

    /// What a configured account is.
    package enum Recognition: Hashable, Sendable {
        /// Known by its fingerprint.
        case known(Account)
        /// Known only by its name and provider, until now.
        case claims(Account)
        /// No known account can be shown to be the same.
        case new
    }

    /// What a named owner means for an account that has another owner, or none.
    package enum OwnerMeaning: Hashable, Sendable {
        /// Nothing new.
        case nothing
        /// The account's owner is known now. `isAnother`: other keys for the same target have owners, none of them this
        /// one.
        case named(isAnother: Bool)
        /// The account is the same as this one. Its assets and uploads belong there.
        case same(Account)
        /// From now on the key leads to this account; nil means a new account.
        case moved(Account?)
    }

    private let accounts: [Int64: Account]
    private let keys: [String: Int64]

    /// `keys` are the accounts' ids by fingerprint.
    package init(_ accounts: [Account], keys: [String: Int64]) {
        self.accounts = Dictionary(accounts.map { ($0.id, $0) }) { first, _ in first }
        self.keys = keys
    }

    /// Which known account a configured account is.
    package func find(_ account: ConfiguredAccount) -> Recognition {
        if let known = keys[account.identity.fingerprint].flatMap({ accounts[$0] }) { return .known(known) }
        let claimed = accounts.values.first {
            $0.target == nil && $0.provider == account.identity.provider && $0.name.isSameText(as: account.name)
        }
        return claimed.map(Recognition.claims) ?? .new
    }

    /// The accounts that certainly differ from a configured one.
    package func others(than account: ConfiguredAccount) -> Set<Int64> {
        let own: Account =
            switch find(account) {
            case .known(let known): known
            // It will have the configured account's target.
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

    /// The change to report for an account's name, if there is one.
    ///
    /// Until now the name meant the account `before`. `files` counts the files of its folders that go up anew.
    package func change(of account: ConfiguredAccount, from before: Int64?, files: Int) -> AccountChange? {
        let isAsBefore =
            switch find(account) {
            case .known(let own), .claims(let own): own.id == before
            case .new: false
            }
        if files > 0 {
            return AccountChange(
                account: account.name,
                kind: isAsBefore ? .filesElsewhere(files: files) : .another(files: files)
            )
        }
        guard let before, !isAsBefore else { return nil }
        let isAnother = others(than: account).contains(before)
        return AccountChange(account: account.name, kind: isAnother ? .another(files: 0) : .unproven)
    }

    /// Whether the two are certainly different accounts.
    package func areTwo(_ one: Int64, _ other: Int64) -> Bool {
        guard let one = accounts[one], let other = accounts[other] else { return false }
        return one.isAnother(than: other)
    }

    /// What it means if an answer to this account's request named `owner`.
    package func meaning(of owner: String, for id: Int64) -> OwnerMeaning {
        guard let account = accounts[id] else { return .nothing }
        if account.owner?.isSameText(as: owner) == true { return .nothing }
        let rest = accounts.values.filter { $0.id != id && $0.target == account.target && $0.owner != nil }
        let same = rest.filter { $0.owner?.isSameText(as: owner) == true }.min { $0.id < $1.id }
        if account.owner != nil { return .moved(same) }
        return same.map(OwnerMeaning.same) ?? .named(isAnother: !rest.isEmpty)
    }
}

extension String {
    /// Compares byte by byte. Two spellings of one letter are two names.
    fileprivate func isSameText(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
