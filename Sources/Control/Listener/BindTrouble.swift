import SystemPackage

/// Why a TCP listener cannot have its address, and what mends it.
package struct BindTrouble: Sendable, Equatable {
    /// What is wrong, for people.
    package let reason: String
    /// What to do.
    package let fix: String

    package init(_ error: Errno, _ address: ListenAddress) {
        switch error {
        case .addressInUse:
            reason = "another process has \(address)"
            fix = "end it (ss -ltnp names it), or choose another port for listen.address"
        case .addressNotAvailable:
            reason = "this machine does not have the address \(address.host)"
            fix = "choose one that it has (ip address) for listen.address, or wait until the network is there"
        case .permissionDenied:
            reason = "this user may not listen at \(address)"
            fix = "choose a port from 1024 on for listen.address, or let a proxy listen there"
        case .addressFamilyNotSupported:
            reason = "addresses such as \(address.host) are not allowed here"
            fix = "choose another kind of address, or look at RestrictAddressFamilies= in the unit"
        default:
            reason = "nothing can listen at \(address): \(error)"
            fix = "choose another listen.address"
        }
    }

    /// The failure of a listener that the kernel gave no reason for.
    init(_ error: any Error, _ address: ListenAddress) {
        reason = "nothing listens at \(address): \(error)"
        fix = "the service's log may say more"
    }
}
