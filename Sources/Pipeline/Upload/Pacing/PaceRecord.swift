/// Calls under one key and address, as far as a later process has to know of them.
///
/// The contract that the ledger fulfils: when a call returns, what it wrote is on disk.
package protocol PaceRecord: Sendable {
    /// What was recorded under a pace (``AccountIdentity/pace``), in the order it was.
    func reservations(of pace: String) async throws -> [PaceReservation]

    /// Records one more. Earlier ones whose calls were all made before `time` may be forgotten.
    func reserve(_ reservation: PaceReservation, of pace: String, forgettingBefore time: Timestamp) async throws
}

/// The record of one pace, as ``Pacer`` uses it: with whatever waits until it can be written.
struct PaceBook: Sendable {
    let load: @Sendable () async throws -> [PaceReservation]
    let reserve: @Sendable (PaceReservation, _ forgettingBefore: Timestamp) async throws -> Void
}
