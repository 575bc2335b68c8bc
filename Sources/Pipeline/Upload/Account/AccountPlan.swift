/// What the configuration says of one account, as ``AccountLane`` needs it.
package struct AccountPlan: Sendable {
    package let name: String
    package let provider: any Provider
    /// `provider:` of the configuration, as the manifest shows it.
    package let providerName: String
    /// Whom its bytes go to.
    package let identity: AccountIdentity
    /// Files at a time.
    package let concurrency: Int
    /// API calls; all rates hold at once.
    package let rate: [CallRate]
    /// The same for calls that create or change something.
    package let writeRate: [CallRate]

    package init(
        name: String,
        provider: any Provider,
        providerName: String,
        identity: AccountIdentity,
        concurrency: Int,
        rate: [CallRate],
        writeRate: [CallRate]
    ) {
        self.name = name
        self.provider = provider
        self.providerName = providerName
        self.identity = identity
        self.concurrency = concurrency
        self.rate = rate
        self.writeRate = writeRate
    }

    /// The account as the ledger knows it.
    package var configured: ConfiguredAccount { ConfiguredAccount(name: name, identity: identity) }
}
