import Pipeline
import SystemPackage

// Keys that come with the unit: credentials, and variables.

extension UnitCheck {
    /// The credentials that the configuration reads and the unit does not hand over.
    func credentials(of configuration: Configuration) -> [Answer] {
        configuration.credentials.compactMap { name, subject, credential in
            // A directory of credentials gives names such as `keys_main.key`.
            let isGiven = settings.credentials.contains { $0 == credential || credential.hasPrefix("\($0)_") }
            guard !isGiven else { return nil }
            if let stored = settings.imports.lazy.compactMap({ $0.stored(as: credential) }).first {
                return isInStore(stored) ? nil : imported(name, subject, stored)
            }
            let remedy = UnitRemedy(lines: ["LoadCredential=\(credential):/etc/outtray/\(credential)"])
            let words = "the unit hands over no credential \(credential)"
            let finding = Finding(name: name, subject: subject, verdict: .wrong, message: words, fix: remedy.words)
            return Answer(finding: finding, remedy: remedy)
        }
    }

    private func isInStore(_ credential: String) -> Bool {
        CredentialImport.stores.contains { store in
            if case .success = disk.rights(store.appending(credential)) { true } else { false }
        }
    }

    /// A store may hold it that this user does not see, so it is no fault.
    private func imported(_ name: Finding.Name, _ subject: String, _ stored: String) -> Answer {
        let words = "the unit takes it from systemd's stores (ImportCredential=), and no \(stored) is seen in one"
        let fix = "put it into /etc/credstore, for root alone"
        return Answer(finding: Finding(name: name, subject: subject, verdict: .weak, message: words, fix: fix))
    }

    /// The accounts whose key is in a variable that the unit does not set. No value is looked at.
    func variables(of configuration: Configuration) -> [Answer] {
        guard !settings.hasEnvironmentFile else { return [] }
        return configuration.accounts.compactMap { account in
            guard case .environment(let name) = account.key, !settings.variables.contains(name) else { return nil }
            let words = "the unit sets no \(name)"
            let advice = "put it into a file that others cannot read, and name that (EnvironmentFile=)"
            let remedy = UnitRemedy(advice: advice)
            let finding = Finding(name: .key, subject: account.name, verdict: .wrong, message: words, fix: remedy.words)
            return Answer(finding: finding, remedy: remedy)
        }
    }
}

extension Configuration {
    /// The credentials that it reads, each with the finding that is named after it.
    fileprivate var credentials: [(name: Finding.Name, subject: String, credential: String)] {
        func named(_ source: KeySource?, _ name: Finding.Name, _ subject: String) -> (Finding.Name, String, String)? {
            guard case .credential(let credential)? = source else { return nil }
            return (name, subject, credential)
        }
        let secrets = hooks.compactMap { hook -> (Finding.Name, String, String)? in
            guard case .webhook(_, let secret, _) = hook.action else { return nil }
            return named(secret, .hook, hook.name)
        }
        return accounts.compactMap { named($0.key, .key, $0.name) } + secrets
            + [listen?.token, listen?.tls?.certificate, listen?.tls?.key].compactMap { named($0, .listen, "") }
    }
}
