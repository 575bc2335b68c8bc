/// What the configuration says of one account, as ``AccountLane`` needs it.
package struct AccountPlan: Sendable {
    package let name: String
    package let provider: any Provider
    /// All that the provider was made of: with equal settings it is the same one. Secrets among them are compared, never
    /// shown.
    package let settings: any Hashable & Sendable
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
    /// What may go up through it from no folder in particular.
    package let admission: Admission

    package init(
        name: String,
        provider: any Provider,
        settings: any Hashable & Sendable,
        providerName: String,
        identity: AccountIdentity,
        concurrency: Int,
        rate: [CallRate],
        writeRate: [CallRate],
        admission: Admission
    ) {
        self.name = name
        self.provider = provider
        self.settings = settings
        self.providerName = providerName
        self.identity = identity
        self.concurrency = concurrency
        self.rate = rate
        self.writeRate = writeRate
        self.admission = admission
    }
}

extension AccountPlan: Equatable {
    /// Whether uploads under way may go on: nothing of what they use is another. The caps are the files', not theirs.
    package static func == (left: AccountPlan, right: AccountPlan) -> Bool {
        left.name == right.name && left.providerName == right.providerName && left.concurrency == right.concurrency
            && left.rate == right.rate && left.writeRate == right.writeRate
            && AnyHashable(left.settings) == AnyHashable(right.settings)
    }

    /// The account as the ledger knows it.
    package var configured: ConfiguredAccount { ConfiguredAccount(name: name, identity: identity) }
}
