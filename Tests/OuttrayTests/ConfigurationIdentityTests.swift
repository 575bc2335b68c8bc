import Providers
import Testing

@testable import Pipeline
@testable import outtray

/// The digests of accounts as earlier versions wrote them into ledgers.
///
/// A ledger knows its accounts by these digests. With another digest, an upgrade would send all files again.
@Suite struct ConfigurationIdentityTests {
    /// The keys that name a part of an account, each with a value.
    private static let targets = [
        "account_id: 696ce9e7", "company_urn: \"urn:li:fsd_company:105672170\"", "workspace_id: ws_1",
    ]

    /// All accounts that differ in provider, address, targets, a key that is no target, and key.
    private static var all: [String] {
        ["postbreeze", "connectsafely", "sandbox"].flatMap { provider in
            ["", "base_url: \"https://API.example:443/v1/\", "].flatMap { address in
                (0..<8).flatMap { chosen in
                    let given = targets.indices.filter { chosen & 1 << $0 != 0 }.map { targets[$0] }
                    return [[], ["folder_id: f_1"]].map { more in
                        let keys = (given + more).joined(separator: ", ")
                        return "\(address)provider: \(provider), \(keys)"
                    }
                }
            }
        }
    }

    private func identity(_ account: String, key: String = "k1") throws -> AccountIdentity {
        let text = "accounts: {main: {\(account)}}"
        let configuration = try Configuration.read(text, file: "o.yaml", environment: ["HOME": "/h"])
        return try #require(configuration.accounts.first).identity(key: Secret(key))
    }

    /// All that a ledger keeps of an identity.
    private func text(_ identity: AccountIdentity) -> String {
        [identity.provider, identity.target, identity.fingerprint, identity.proof.rawValue, identity.pace]
            .joined(separator: " ")
    }

    @Test func `the digests of every account are those of earlier versions`() throws {
        let lines = try Self.all.flatMap { account in
            try ["k1", "k2"].map { "\(account) \($0): \(text(try identity(account, key: $0)))" }
        }

        #expect(lines.count == 192)
        let digest = SHA256Digest(of: lines.joined(separator: "\n")).hex
        #expect(digest == "5456c90727252cb9c1485adf479a4f35011b574283e225783c639c5788be34be")
    }

    @Test(arguments: [
        ("provider: postbreeze", "10:postbreeze 32:https://api.postbreeze.ai/api/v1 - - -"),
        (
            "provider: postbreeze, workspace_id: ws_1, folder_id: f_1",
            "10:postbreeze 32:https://api.postbreeze.ai/api/v1 - - 4:ws_1"
        ),
        // Another provider's key is of no use, and is a part of the account all the same.
        (
            "provider: postbreeze, company_urn: \"urn:li:x:1\"",
            "10:postbreeze 32:https://api.postbreeze.ai/api/v1 - 10:urn:li:x:1 -"
        ),
        ("provider: connectsafely", "13:connectsafely 37:https://api.connectsafely.ai/linkedin - - -"),
        (
            "provider: connectsafely, account_id: 696ce9e7, company_urn: \"urn:li:x:1\"",
            "13:connectsafely 37:https://api.connectsafely.ai/linkedin 8:696ce9e7 10:urn:li:x:1 -"
        ),
        ("provider: sandbox", "10:postbreeze 28:http://localhost:4100/api/v1 - - -"),
    ])
    func `a target is a digest of contract, address and the keys in their places`(account: String, text: String) throws
    {
        #expect(try identity(account).target == SHA256Digest(of: text).hex)
    }

    @Test func `only ConnectSafely's account_id proves the account, and only there`() throws {
        #expect(try identity("provider: connectsafely").proof == .key)
        #expect(try identity("provider: connectsafely, company_urn: x").proof == .key)
        #expect(try identity("provider: connectsafely, account_id: x").proof == .target)
        #expect(try identity("provider: postbreeze, account_id: x").proof == .owner)
        #expect(try identity("provider: sandbox, account_id: x").proof == .owner)
    }
}
