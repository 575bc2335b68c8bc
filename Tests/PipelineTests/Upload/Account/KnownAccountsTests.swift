import Testing

@testable import Pipeline

@Suite struct KnownAccountsTests {
    private typealias Account = KnownAccounts.Account

    private func identity(
        _ address: String = "https://api.example",
        key: String = "k1",
        proof: AccountIdentity.Proof = .owner,
        provider: String = "postbreeze"
    ) -> AccountIdentity {
        AccountIdentity(provider: provider, contract: "c", address: address, proof: proof, key: key)
    }

    private func configured(_ identity: AccountIdentity, name: String = "main") -> ConfiguredAccount {
        ConfiguredAccount(name: name, identity: identity)
    }

    private func account(
        _ id: Int64,
        _ identity: AccountIdentity,
        owner: String? = nil
    ) -> KnownAccounts.Account {
        Account(
            id: id,
            provider: identity.provider,
            name: "main",
            target: identity.target,
            proof: identity.proof,
            owner: owner
        )
    }

    private func named(_ id: Int64, _ name: String, provider: String = "postbreeze") -> KnownAccounts.Account {
        Account(id: id, provider: provider, name: name, target: nil, proof: nil)
    }

    // MARK: Identities

    @Test func `an address is one in all its spellings`() {
        let spellings = [
            "https://api.example/v1", "https://API.Example/v1/", "https://api.example:443/v1",
            "HTTPS://api.example/v1//",
        ]

        #expect(Set(spellings.map { identity($0).fingerprint }).count == 1)
        let others = [
            "http://api.example/v1", "https://api.example/V1", "https://api.example:444/v1", "https://api.example",
            "https://api.example:80/v1",
        ]
        #expect(Set((others + ["https://api.example/v1"]).map { identity($0).target }).count == others.count + 1)
        #expect(AccountIdentity.normalised("http://[::1]:80/v1/") == "http://[::1]/v1")
        #expect(AccountIdentity.normalised("http://[::1]/v1") == "http://[::1]/v1")
    }

    @Test func `each part of a target makes another one, wherever its text stands`() {
        func target(
            _ account: String?,
            _ company: String?,
            _ workspace: String?,
            _ team: String? = nil,
            contract: String = "c"
        ) -> String {
            let targets = ["account_id": account, "company_urn": company, "workspace_id": workspace, "team_id": team]
                .compactMapValues(\.self)
            return AccountIdentity(
                provider: "p",
                contract: contract,
                address: "https://a.example",
                targets: targets,
                proof: .target,
                key: "k"
            ).target
        }
        let targets = [
            target(nil, nil, nil), target("x", nil, nil), target(nil, "x", nil), target(nil, nil, "x"),
            target("", nil, nil), target("x 1:x", nil, nil), target("x", "x", nil),
            target(nil, nil, nil, contract: "d"), target(nil, nil, nil, "x"), target(nil, nil, nil, ""),
        ]

        #expect(Set(targets).count == targets.count)
    }

    @Test func `a key is part of the fingerprint unless the target says it all`() {
        for proof in [AccountIdentity.Proof.key, .owner] {
            #expect(identity(key: "k1", proof: proof).fingerprint != identity(key: "k2", proof: proof).fingerprint)
        }
        #expect(identity(key: "k1", proof: .target).fingerprint == identity(key: "k2", proof: .target).fingerprint)
        #expect(!identity(key: "k1").fingerprint.contains("k1"))
    }

    // MARK: Which account

    @Test func `an account is known by its fingerprint, whatever its name`() {
        let known = KnownAccounts([account(1, identity())], keys: [identity().fingerprint: 1])

        #expect(known.find(configured(identity(), name: "renamed")) == .known(account(1, identity())))
        #expect(known.find(configured(identity(key: "k2"))) == .new)
    }

    @Test func `what is known by name alone is claimed by the name's first target, if the provider is the same`() {
        let known = KnownAccounts([named(1, "main"), named(2, "main", provider: "sandbox")], keys: [:])

        #expect(known.find(configured(identity())) == .claims(named(1, "main")))
        #expect(known.find(configured(identity(provider: "sandbox"))) == .claims(named(2, "main", provider: "sandbox")))
        #expect(known.find(configured(identity(provider: "connectsafely"))) == .new)
        #expect(known.find(configured(identity(), name: "other")) == .new)
        // Two spellings of one letter.
        let composed = KnownAccounts([named(1, "caf\u{E9}")], keys: [:])
        #expect(composed.find(configured(identity(), name: "cafe\u{301}")) == .new)
    }

    @Test func `another target or provider is certainly another account`() {
        let known = KnownAccounts(
            [account(1, identity(), owner: "u"), named(2, "main", provider: "sandbox"), named(3, "main")],
            keys: [identity().fingerprint: 1]
        )

        #expect(known.others(than: configured(identity("https://b.example"))) == [1, 2])
        #expect(known.others(than: configured(identity())) == [2])
    }

    @Test func `another key for one target is certainly another account only where that shows`() {
        let (old, new) = (identity(key: "k1"), identity(key: "k2"))
        func others(_ olds: String?, _ news: String?) -> Set<Int64> {
            KnownAccounts(
                [account(1, old, owner: olds), account(2, new, owner: news)],
                keys: [old.fingerprint: 1, new.fingerprint: 2]
            ).others(than: configured(new))
        }

        #expect(others("u1", "u2") == [1])
        #expect(others(nil, "u2").isEmpty && others("u1", nil).isEmpty && others(nil, nil).isEmpty)
        let byKey = identity(key: "k1", proof: .key)
        let known = KnownAccounts([account(1, byKey)], keys: [byKey.fingerprint: 1])
        #expect(known.others(than: configured(identity(key: "k2", proof: .key))) == [1])
    }

    // MARK: Owners

    @Test func `an owner names an account, makes two one, or leads a key elsewhere`() {
        let known = KnownAccounts(
            [
                account(1, identity(), owner: "u1"), account(2, identity(key: "k2")),
                account(3, identity("https://b.example", key: "k3"), owner: "u3"),
                account(4, identity("https://c.example", key: "k4")),
            ],
            keys: [:]
        )

        #expect(known.meaning(of: "u1", for: 1) == .nothing)
        #expect(known.meaning(of: "u1", for: 2) == .same(account(1, identity(), owner: "u1")))
        #expect(known.meaning(of: "u9", for: 2) == .named(isAnother: true))
        #expect(known.meaning(of: "u9", for: 1) == .moved(nil))
        // The same owner at another target is nobody's business here.
        #expect(known.meaning(of: "u1", for: 4) == .named(isAnother: false))
        #expect(known.meaning(of: "u1", for: 3) == .moved(nil))
    }

    @Test func `what is told of a name is told once`() {
        let (old, new) = (identity(key: "k1"), identity(key: "k2"))
        let known = KnownAccounts(
            [account(1, old, owner: "u1"), account(2, new)],
            keys: [old.fingerprint: 1, new.fingerprint: 2]
        )

        #expect(known.change(of: configured(new), from: 1, files: 0)?.kind == .unproven)
        #expect(known.change(of: configured(new), from: 2, files: 0) == nil)
        #expect(known.change(of: configured(new), from: nil, files: 0) == nil)
        #expect(known.change(of: configured(new), from: nil, files: 3)?.kind == .another(files: 3))
        let elsewhere = configured(identity("https://b.example"))
        #expect(known.change(of: elsewhere, from: 1, files: 0)?.kind == .another(files: 0))
    }
}
