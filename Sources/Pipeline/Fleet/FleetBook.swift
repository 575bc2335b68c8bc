import SystemPackage

/// What a host keeps of its fleet: who it is there, and which of its changes the fleet has.
///
/// The ledger fulfils this contract. When a call returns, its changes are on disk.
package protocol FleetBook: Sendable {
    /// The host's identity. Made at the first call.
    func host() async throws -> HostID

    /// Gives the host another identity: its ledger is a copy of another host's. The fleet then has none of its changes.
    func renewHost() async throws -> HostID

    /// The owner that answers of the provider have named for an account; nil if none did.
    func owner(of account: ConfiguredAccount) async throws -> String?

    /// The newest revision of the manifest.
    func revision() async throws -> Int64

    /// The revision up to which the fleet has this host's changes; nil if it has none of them.
    func revisionOfFleet() async throws -> Int64?

    /// Notes that the fleet has the changes up to and including `revision`, or, by nil, none. Changes that it lacks are
    /// kept (``ManifestSource/pruneChanges(through:)``), but not for ever.
    func noteRevisionOfFleet(_ revision: Int64?) async throws

    /// Lets go of what a host keeps for a fleet that it is no longer part of: changes that the fleet lacks, and a part
    /// of the copy (``FleetCopy``). Returns whether there is more. The host's identity stays, as it may come back.
    ///
    /// On a host that was never part of one, this reads one row.
    func leaveFleet() async throws -> Bool

    /// Keeps changes after `revision` from now on, while the fleet counts as having none: all rows are compared.
    func keepChangesForFleet(after revision: Int64) async throws

    /// Changes after `revision`, in order. Nil if some of them are no longer kept.
    ///
    /// `accounts` are the shared ones.
    func changesForFleet(after revision: Int64, limit: Int, _ accounts: [ConfiguredAccount]) async throws
        -> [FleetChange]?

    /// The rows that the manifest shows, in byte order after `path`, and the newest revision of the same moment.
    func rowsForFleet(after path: FilePath?, limit: Int, _ accounts: [ConfiguredAccount]) async throws -> FleetRows
}

/// A change for the other hosts.
package struct FleetChange: Hashable, Sendable {
    package let change: ManifestChange
    /// Whether the asset that the entry shows is one of its account as the configuration has it now. An entry may still
    /// show the asset of another account that had the same name.
    package let isOfAccount: Bool

    package init(_ change: ManifestChange, isOfAccount: Bool) {
        self.change = change
        self.isOfAccount = isOfAccount
    }
}

/// A part of all that a host shows.
package struct FleetRows: Sendable {
    package let rows: [(row: ManifestRow, isOfAccount: Bool)]
    package let revision: Int64

    package init(_ rows: [(row: ManifestRow, isOfAccount: Bool)], revision: Int64) {
        self.rows = rows
        self.revision = revision
    }
}
