import Pipeline
import Providers

/// The part of `outtray check --online`: one call for each account, that creates nothing.
///
/// The call goes the way of an upload's calls: name, connection, TLS, key. So its failure names the step that fails.
struct OnlineCheck {
    let configuration: Configuration
    let keys: [String: Secret]
    /// How long an account may take.
    var patience = Duration.seconds(30)

    /// Asks all accounts side by side. Returns findings in the order of the configuration.
    func findings() async -> [Finding] {
        let transfer = Transfer()
        let plans = Assembly(configuration: configuration, keys: keys, transfer: transfer).plan(isWatching: false)
            .accounts
        let answers = await withTaskGroup(of: (String, [Finding]).self) { group in
            for plan in plans { group.addTask { (plan.name, await findings(for: plan)) } }
            return await group.reduce(into: [String: [Finding]]()) { $0[$1.0] = $1.1 }
        }
        await transfer.shutdown()
        return plans.flatMap { answers[$0.name] ?? [] }
    }

    private func findings(for plan: AccountPlan) async -> [Finding] {
        let begun = ContinuousClock.now
        let result = await withTaskGroup(of: Result<ProviderProbe, ProviderError>.self) { group in
            group.addTask {
                do throws(ProviderError) {
                    return .success(try await plan.provider.probe())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask { [patience] in
                try? await Task.sleep(for: patience)
                return .failure(ProviderError(.transient, "no answer within \(patience.components.seconds) s"))
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(ProviderError(.cancelled, "cancelled"))
        }
        let account = configuration.account(plan.name)
        let address = account?.settings.connection.baseURL ?? ""
        let standard = account?.provider.traits.baseURL ?? ""
        switch result {
        case .success(let probe):
            let took = begun.duration(to: .now).milliseconds
            let doubt = probe.isOfAPI ? "" : ", with a 404 that any server may give"
            let online = Finding(
                name: .online,
                subject: plan.name,
                verdict: probe.isOfAPI ? .ok : .weak,
                message: "\(address) answered in \(took) ms\(doubt), and did not refuse the key",
                fix: probe.isOfAPI ? nil : "if no file goes up: \(Self.question(about: address, standard))"
            )
            return [online] + (probe.date.flatMap { clock(of: $0, at: .now(), address: address) }.map { [$0] } ?? [])
        case .failure(let error):
            return [
                Finding(
                    name: .online,
                    subject: plan.name,
                    verdict: Self.verdict(on: error.kind),
                    message: "\(address): \(error)",
                    fix: Self.remedy(for: error, of: address, standard)
                )
            ]
        }
    }

    /// A finding if the server's clock, in whole seconds, is far from ours.
    func clock(of server: Timestamp, at now: Timestamp, address: String) -> Finding? {
        let seconds = (now.milliseconds - server.milliseconds) / 1000
        guard abs(seconds) > Doctor.tolerance.components.seconds else { return nil }
        return Finding(
            name: .clock,
            verdict: .weak,
            message:
                "this machine's clock is \(abs(seconds)) s \(seconds > 0 ? "ahead of" : "behind") that of \(address)",
            fix: "set it: timedatectl set-ntp true"
        )
    }

    static func verdict(on kind: ProviderError.Kind) -> Finding.Verdict {
        switch kind {
        case .transient, .throttled, .quota, .unreachable, .cancelled, .interruptedBody: .waiting
        case .expiredTicket, .refusedTicket, .refusedFile, .refusedKey, .refusedHost, .insecure, .unexpectedAnswer,
            .outOfOrder, .refusedAlike:
            .wrong
        }
    }

    /// `standard` is the provider's own address.
    static func remedy(for error: ProviderError, of address: String, _ standard: String) -> String {
        error.status == 404 ? "nothing answers there: \(question(about: address, standard))" : fix(for: error.kind)
    }

    /// A question about an address at which the API may not be.
    static func question(about address: String, _ standard: String) -> String {
        // The path behind `https://host`.
        let parts = standard.split(separator: "/", maxSplits: 2).map(String.init)
        guard parts.count == 3, !address.hasSuffix("/\(parts[2])"), !address.hasSuffix("/\(parts[2])/") else {
            return "is base_url the API's?"
        }
        return "does base_url end in /\(parts[2])?"
    }

    static func fix(for kind: ProviderError.Kind) -> String {
        switch kind {
        case .refusedKey: "put a good key where the configuration names it, then reload"
        case .quota: "make room at the provider, or enlarge the plan there"
        case .throttled: "wait; if it stays so, somebody else uses the key"
        case .unreachable: "look at name resolution, routes and firewall of this machine"
        case .insecure: "mend the certificate, or name its authority with ca_file"
        case .transient, .cancelled, .interruptedBody: "try again; if it stays so, ask the provider"
        default: "look at base_url: it may be another service's, or a proxy may stand between"
        }
    }
}
