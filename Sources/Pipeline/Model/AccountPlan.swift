/// The configuration of one account, as ``AccountLane`` needs it.
package struct AccountPlan: Sendable {
    package let name: String
    package let provider: any Provider
    /// All settings of the provider: equal settings make an equal provider. They hold secrets, to be compared and never
    /// shown.
    package let settings: any Hashable & Sendable
    /// `provider:` of the configuration, as the manifest shows it.
    package let providerName: String
    /// Whom the account's bytes go to.
    package let identity: AccountIdentity
    /// How many files go up at a time.
    package let concurrency: Int
    /// The bounds for API calls; all hold at once.
    package let rate: [CallRate]
    /// The bounds for calls that create or change something; all hold at once.
    package let writeRate: [CallRate]
    /// How fast the account's bytes may go out.
    package let bandwidth: Bandwidth
    /// Judges files that were pushed by name and belong to no folder.
    package let admission: Admission
    /// What the account is to a fleet; nil if no fleet shares it. Equal settings and names have an equal one.
    package let fleet: FleetAccount?

    package init(
        name: String,
        provider: any Provider,
        settings: any Hashable & Sendable,
        providerName: String,
        identity: AccountIdentity,
        concurrency: Int,
        rate: [CallRate],
        writeRate: [CallRate],
        bandwidth: Bandwidth = .unlimited,
        admission: Admission,
        fleet: FleetAccount? = nil
    ) {
        self.name = name
        self.provider = provider
        self.settings = settings
        self.providerName = providerName
        self.identity = identity
        self.concurrency = concurrency
        self.rate = rate
        self.writeRate = writeRate
        self.bandwidth = bandwidth
        self.admission = admission
        self.fleet = fleet
    }
}

extension AccountPlan: Equatable {
    /// Equal plans let uploads under way go on. The caps are left out: they concern files, not uploads. So is the
    /// bandwidth, which changes for uploads under way (``BandwidthTurns``).
    package static func == (left: AccountPlan, right: AccountPlan) -> Bool {
        left.name == right.name && left.providerName == right.providerName && left.identity == right.identity
            && left.concurrency == right.concurrency && left.rate == right.rate && left.writeRate == right.writeRate
            && AnyHashable(left.settings) == AnyHashable(right.settings)
    }

    /// The account as the ledger knows it.
    package var configured: ConfiguredAccount { ConfiguredAccount(name: name, identity: identity) }
}
