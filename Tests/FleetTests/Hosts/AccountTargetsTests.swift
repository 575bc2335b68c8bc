import Fleet
import Pipeline
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct AccountTargetsTests {
    private typealias Proof = AccountTargets.Proof

    /// Runs a test with two hosts of a new fleet, and what each of them enters.
    private func withHosts(
        _ body: @escaping @Sendable (AccountTargets, AccountTargets) async throws -> Void
    ) async throws {
        try await withNewFleet { database in
            var made: [AccountTargets] = []
            for name in ["ingest-1", "ingest-2"] {
                let host = HostID()
                _ = try await HostRoll(database, host: host).enter(named: name)
                made.append(AccountTargets(database, host: host, name: name))
            }
            try await body(made[0], made[1])
        }
    }

    private func brand(_ proof: AccountTargets.Proof = .target, at address: String = "https://a")
        -> AccountTargets.Target
    {
        AccountTargets.Target(account: "brand", target: "postbreeze at \(address)", proof: proof)
    }

    @Test func `accounts of one name have one target, and the conflict names both hosts`() async throws {
        try await withHosts { one, two in
            for host in [one, one, two] {
                let standing = try await host.enter(brand())
                #expect(standing == .shared)
            }
            let other = try await two.enter(brand(at: "https://b"))

            guard case .another(let conflict) = other else {
                Issue.record("\(other)")
                return
            }
            let words = conflict.description
            #expect(
                words.contains("https://a by host ingest-1") && words.contains("https://b by host ingest-2"),
                "\(words)"
            )
        }
    }

    @Test func `hosts with one key share an account whose target does not say it all`() async throws {
        try await withHosts { one, two in
            _ = try await one.enter(brand(.key(mark: "m1", owner: nil)))

            let standing = try await two.enter(brand(.key(mark: "m1", owner: nil)))

            #expect(standing == .shared)
        }
    }

    @Test func `another key is shared once both know the same owner, and not before`() async throws {
        try await withHosts { one, two in
            _ = try await one.enter(brand(.key(mark: "m1", owner: nil)))

            let before = try await two.enter(brand(.key(mark: "m2", owner: nil)))
            let half = try await two.enter(brand(.key(mark: "m2", owner: "u1")))
            _ = try await one.enter(brand(.key(mark: "m1", owner: "u1")))
            let after = try await two.enter(brand(.key(mark: "m2", owner: "u1")))
            let still = try await one.enter(brand(.key(mark: "m1", owner: "u1")))

            for standing in [before, half] {
                guard case .unproven = standing else {
                    Issue.record("\(standing)")
                    continue
                }
            }
            #expect(after == .shared && still == .shared)
        }
    }

    @Test func `a key of another owner is another account`() async throws {
        try await withHosts { one, two in
            _ = try await one.enter(brand(.key(mark: "m1", owner: "u1")))

            let standing = try await two.enter(brand(.key(mark: "m2", owner: "u2")))

            guard case .another(let conflict) = standing else {
                Issue.record("\(standing)")
                return
            }
            #expect(conflict.description.contains("u1") && conflict.description.contains("u2"))
        }
    }
}
