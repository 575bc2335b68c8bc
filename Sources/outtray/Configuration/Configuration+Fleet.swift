import Pipeline
import SystemPackage

extension ConfigurationMapping {
    /// Reads `fleet`: the hosts that share their accounts' contents. Nil if this host is on its own, or if it is wrong.
    mutating func fleet(_ accounts: [Configuration.Account], stateDirectory: FilePath) -> Configuration.Fleet? {
        guard let node = node("fleet") else { return nil }
        var mapping = ConfigurationMapping(node)
        let hasFailed = !mapping.problems.isEmpty
        // Not quoted: people write a password there, although it has no place in it.
        let database = mapping.value(
            "database",
            expected: "what libpq connects to, such as \"service=outtray\", on one line",
            isQuoted: false
        ) { $0.trimmed.isEmpty || $0.hasControls ? nil : $0 }
        if database == nil, !hasFailed, mapping.node("database") == nil {
            mapping.report(node.problem("database is missing: what libpq connects to, such as \"service=outtray\""))
        }
        var fleet = Configuration.Fleet(
            database: database ?? "",
            manifest: stateDirectory.appending("fleet.json"),
            places: mapping.places
        )
        let hint = Configuration.Fleet.trouble(withHost:)
        fleet.host = mapping.value("host", expected: "a name for this host", hint: hint) { hint($0) == nil ? $0 : nil }
        fleet.accounts = mapping.fleetNames(accounts)
        if let rule = mapping.unreachableRule() { fleet.whenUnreachable = rule }
        let times = Configuration.shortestTakeOver...Configuration.longestTakeOver
        if let time = mapping.duration("take_over_after", in: times) { fleet.takeOverAfter = time }
        if let manifest = mapping.path("manifest") { fleet.manifest = manifest }
        if fleet.manifest == fleet.journal, let place = mapping.node("manifest") {
            mapping.report(place.problem("the journal has the ending ndjson beside it: give it another, such as json"))
        }
        let problems = mapping.finish()
        adopt(problems)
        return problems.isEmpty ? fleet : nil
    }

    /// `accounts`: the fleet's names, by the accounts' names here.
    private mutating func fleetNames(_ accounts: [Configuration.Account]) -> [String: String] {
        var names: [String: String] = [:]
        for (name, node) in named("accounts") {
            guard accounts.contains(where: { $0.name == name }) else {
                let known = accounts.map(\.name).joined(separator: ", ")
                report(node.problem("there is no account \"\(name.cut)\" among accounts (\(known))"))
                continue
            }
            guard let text = node.text else {
                report(node.problem("must be the account's name in the fleet, such as brand-x"))
                continue
            }
            if let trouble = Self.trouble(withName: text) { report(node.problem(trouble)) }
            names[name] = text
        }
        return names
    }

    /// `wait`, or the mapping `{wait: 30s, then: upload}`.
    private mutating func unreachableRule() -> UnreachableRule? {
        guard let node = node("when_unreachable") else { return nil }
        if node.text == UnreachableRule.Course.wait.rawValue { return UnreachableRule(then: .wait) }
        guard node.members != nil else {
            report(node.problem("must be wait, or a mapping such as {wait: 30s, then: upload}"))
            return nil
        }
        var mapping = ConfigurationMapping(node)
        let usual = UnreachableRule()
        let wait = mapping.duration("wait")
        let then = mapping.choice("then", of: UnreachableRule.Course.self)
        if then == .wait, wait != nil, let place = mapping.node("wait") {
            mapping.report(place.problem("files wait without end with then: wait, so leave the duration out"))
        }
        adopt(mapping.finish())
        return UnreachableRule(wait: wait ?? usual.wait, then: then ?? usual.then)
    }
}

extension Configuration.Fleet {
    /// What is wrong with a host's name; nil for a good one. The fleet's manifest writes a colon and a path behind it.
    static func trouble(withHost name: String) -> String? {
        if let trouble = ConfigurationMapping.trouble(withName: name) { return trouble }
        if name.contains(where: { ":/".contains($0) }) { return "a host's name has no : and no /" }
        return nil
    }
}

extension Configuration {
    /// The fleet of this configuration; nil without one.
    var fleetPlan: FleetPlan? {
        fleet.map { fleet in
            FleetPlan(
                database: fleet.database,
                host: fleet.host ?? Host.name,
                accounts: Dictionary(accounts.map { ($0.name, fleet.accounts[$0.name] ?? $0.name) }) { $1 },
                whenUnreachable: fleet.whenUnreachable,
                takeOverAfter: fleet.takeOverAfter,
                manifest: fleet.manifest,
                journal: fleet.journal
            )
        }
    }
}
