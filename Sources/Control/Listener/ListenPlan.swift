/// The configuration's `listen`, with what its files held.
///
/// Plans are compared on a reload. An equal one goes on untouched.
package struct ListenPlan: Sendable, Equatable {
    package var address: ListenAddress
    package var serves: Set<ServedPart>
    /// The hosts that requests may name, beside those that lead to this machine anyway.
    package var hosts: [HostName]
    /// Nil: everybody who reaches the address may ask.
    package var token: AccessToken?
    /// Nil: connections are in the clear.
    package var certificate: ListenerCertificate?

    package init(
        address: ListenAddress,
        serves: Set<ServedPart>,
        hosts: [HostName] = [],
        token: AccessToken? = nil,
        certificate: ListenerCertificate? = nil
    ) {
        self.address = address
        self.serves = serves
        self.hosts = hosts
        self.token = token
        self.certificate = certificate
    }
}
