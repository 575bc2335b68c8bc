import Pipeline

/// The shared accounts whose assets a publication tells.
struct PublishedAccounts: Sendable {
    let configured: [ConfiguredAccount]
    /// The fleet's names by the configuration's.
    let names: [String: String]
    /// What each account was told as: a digest of its names here and in the fleet, of whom its bytes go to, and of what
    /// shows that. With any other of these, other entries are told, or under another account.
    let marks: Set<String>

    /// `owners`: as answers of the providers named them.
    init(_ accounts: [ConfiguredAccount: FleetAccount], owners: [ConfiguredAccount: String] = [:]) {
        configured = Array(accounts.keys)
        names = Dictionary(accounts.map { ($0.key.name, $0.value.name) }) { first, _ in first }
        marks = Set(accounts.map { Self.mark($0, $1, owner: owners[$0]) })
    }

    private static func mark(_ configured: ConfiguredAccount, _ account: FleetAccount, owner: String?) -> String {
        let proof =
            configured.identity.proof == .target
            ? "target" : owner.map { "owner \($0)" } ?? "key \(account.seal.mark)"
        let parts = [configured.name, account.name, account.target, proof]
        let text = parts.map { "\($0.utf8.count):\($0)" }.joined(separator: " ")
        return SHA256Digest(of: Array(text.utf8)).hex
    }
}
