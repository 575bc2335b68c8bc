import Pipeline
import Threads

/// The accounts that the fleet shares, as the configuration has them now.
final class SharedAccounts: Sendable {
    private struct Member: Sendable {
        let configured: ConfiguredAccount
        let account: FleetAccount
        let index: AccountIndex
        /// As the fleet was told; nil as long as no answer of the provider has named one.
        var owner: String?
    }

    /// By the configuration's names.
    private let members = Mutex<[String: Member]>([:])

    func put(_ configured: ConfiguredAccount, _ account: FleetAccount, _ index: AccountIndex) {
        members.withLock { $0[configured.name] = Member(configured: configured, account: account, index: index) }
    }

    /// Forgets all accounts but these, and returns the fleet's names of those that stay.
    func keep(_ configured: Set<ConfiguredAccount>) -> Set<String> {
        members.withLock { members in
            members = members.filter { configured.contains($0.value.configured) }
            return Set(members.values.map(\.account.name))
        }
    }

    var accounts: [ConfiguredAccount: FleetAccount] {
        members.withLock { Dictionary($0.values.map { ($0.configured, $0.account) }) { first, _ in first } }
    }

    var indexes: [AccountIndex] { members.withLock { $0.values.map(\.index) } }

    // MARK: Owners

    /// Notes the owner that the fleet was told.
    func note(owner: String?, of configured: ConfiguredAccount) {
        members.withLock { members in
            if members[configured.name]?.configured == configured { members[configured.name]?.owner = owner }
        }
    }

    func owner(of configured: ConfiguredAccount) -> String? {
        members.withLock { members in
            members[configured.name].flatMap { $0.configured == configured ? $0.owner : nil }
        }
    }

    /// Those of them that publications tell.
    func published(if isShared: (String) -> Bool) -> PublishedAccounts {
        let members = members.withLock { Array($0.values) }.filter { isShared($0.account.name) }
        return PublishedAccounts(
            Dictionary(members.map { ($0.configured, $0.account) }) { first, _ in first },
            owners: Dictionary(members.compactMap { member in member.owner.map { (member.configured, $0) } }) { $1 }
        )
    }
}
