/// An account that the hosts of a fleet share.
package struct FleetAccount: Sendable {
    /// The fleet's name for it.
    package let name: String
    /// Whom its bytes go to, in words that all hosts write alike, and without a secret.
    package let target: String
    package let seal: TicketSeal
    /// By this, hosts know the accounts that share one pace: those with one key at one API address, as in
    /// ``AccountIdentity/pace``. It tells nothing of the key.
    package let pace: String

    /// `address` is the address of the API, in any spelling. The key is not kept.
    package init(name: String, target: String, apiKey: String, address: String) {
        self.name = name
        self.target = target
        seal = TicketSeal(apiKey: apiKey)
        pace = TicketSeal.mark("pace at \(AccountIdentity.normalised(address))", apiKey: apiKey)
    }
}
