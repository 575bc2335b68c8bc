import Fleet
import Pipeline
import Providers

extension Configuration {
    /// Whom the bytes of each of the fleet's accounts go to, in words that all hosts write alike.
    var fleetTargets: [AccountTargets.Target] {
        guard let names = fleetPlan?.accounts else { return [] }
        return accounts.map { AccountTargets.Target(account: names[$0.name] ?? $0.name, target: $0.target) }
    }
}

extension Configuration.Account {
    /// Whom the account's bytes go to: `postbreeze at https://api.postbreeze.ai/api/v1, workspace_id w1`. Two accounts
    /// with the same words have the same ``AccountIdentity/target``. Holds no key.
    var target: String {
        let address = AccountIdentity.normalised(settings.connection.baseURL)
        let keys = targets.sorted { $0.key < $1.key }.map { ", \($0.key) \($0.value)" }
        return "\(provider.kind.rawValue) at \(address)\(keys.joined())"
    }
}
