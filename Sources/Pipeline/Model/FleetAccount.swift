/// An account that the hosts of a fleet share.
package struct FleetAccount: Sendable {
    /// The fleet's name for it.
    package let name: String
    /// Whom its bytes go to, in words that all hosts write alike, and without a secret.
    package let target: String
    /// A digest of the API key that tells nothing of it. Hosts with the same one have the same account.
    package let keyMark: String
    package let seal: TicketSeal

    package init(name: String, target: String, keyMark: String, seal: TicketSeal) {
        self.name = name
        self.target = target
        self.keyMark = keyMark
        self.seal = seal
    }
}
