/// An account that the hosts of a fleet share.
package struct FleetAccount: Sendable {
    /// The fleet's name for it.
    package let name: String
    /// Whom its bytes go to, in words that all hosts write alike, and without a secret.
    package let target: String
    package let seal: TicketSeal

    package init(name: String, target: String, seal: TicketSeal) {
        self.name = name
        self.target = target
        self.seal = seal
    }
}
