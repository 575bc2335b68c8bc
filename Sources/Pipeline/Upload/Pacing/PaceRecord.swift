/// The calls under one key and address that a later process has to know of.
///
/// The ledger fulfils this contract. When a call returns, its changes are on disk.
package protocol PaceRecord: Sendable {
    /// The reservations of a pace (``AccountIdentity/pace``), in the order in which they were recorded.
    func reservations(of pace: String) async throws -> [PaceReservation]

    /// Records one more reservation. Reservations whose calls were all made before `time` may be forgotten.
    func reserve(_ reservation: PaceReservation, of pace: String, forgettingBefore time: Timestamp) async throws
}

/// The record of one pace, as ``Pacer`` uses it. Its closures wait until the ledger can be written.
struct PaceBook: Sendable {
    let load: @Sendable () async throws -> [PaceReservation]
    let reserve: @Sendable (PaceReservation, _ forgettingBefore: Timestamp) async throws -> Void
}
