import Fleet
import Pipeline
import Providers

extension ConfigurationChecks {
    /// Checks that there is a library to reach the fleet's database, and that the text for it is understood and safe.
    /// Looks into no service file, and makes no connection.
    func fleetDatabase() -> [ConfigurationError.Problem] {
        guard let fleet = configuration.fleet, let plan = configuration.fleetPlan else { return [] }
        do throws(PostgresError) {
            _ = try PostgresSettings(plan.database, name: plan.host, library: try PostgresLibrary.load())
            return []
        } catch {
            return [fleet.places["database"].saying(error.reason)]
        }
    }

    /// Checks that the fleet's manifest is not this host's.
    func fleetFiles() -> [ConfigurationError.Problem] {
        guard let fleet = configuration.fleet else { return [] }
        let manifest = configuration.manifest
        let own = [target(of: manifest.path), target(of: manifest.journal)]
        return [fleet.manifest, fleet.journal].filter { own.contains(target(of: $0)) }.map {
            fleet.places["manifest"].saying("\($0) is this host's own manifest: give the fleet's another name")
        }
    }

    /// Checks that accounts with one name in the fleet are one account. Their contents would else be taken for each
    /// other's. `keys` are those that could be read, by account.
    func fleetTargets(_ keys: [String: Secret]) -> [ConfigurationError.Problem] {
        guard let fleet = configuration.fleet, let plan = configuration.fleetPlan else { return [] }
        let named = configuration.accounts.compactMap { account in
            plan.accounts[account.name].map { (account, name: $0) }
        }
        return named.enumerated().compactMap { index, second in
            guard let first = named.prefix(index).first(where: { $0.name == second.name }),
                let (one, other) = keys[first.0.name].flatMap({ one in keys[second.0.name].map { (one, $0) } }),
                first.0.identity(key: one).fingerprint != second.0.identity(key: other).fingerprint
            else { return nil }
            let given = [second.0.name, first.0.name].first { fleet.accounts[$0] != nil } ?? second.0.name
            return fleet.places["accounts.\(given)"].saying(
                "accounts \(first.0.name) and \(second.0.name) are both \(second.name) in the fleet, and their bytes may go to "
                    + "different places: give each a name of its own"
            )
        }
    }
}
