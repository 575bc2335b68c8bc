import SystemPackage

/// This host's copy of what all hosts of the fleet show. The ledger keeps it, empty on a host of no fleet.
///
/// - Revisions are the fleet's. The copy stands at one of them, and goes on from there by the changes that follow.
/// - If that is not possible, another copy is made beside the one that is shown, and takes its place once it is whole.
///
/// When a call returns, its changes are on disk.
package protocol FleetCopy: Sendable {
    /// Where the copy stands; nil before there is one.
    func placeOfCopy() async throws -> FleetPlace?

    /// Takes changes into the copy, in order, in one commit with the place that they lead to. `hosts`: all hosts of the
    /// fleet, as of that place.
    func take(_ changes: [SharedChange], of hosts: [SharedHost], upTo place: FleetPlace) async throws

    /// Begins another copy. Returns its number.
    func beginCopy() async throws -> Int64

    /// Adds rows to a copy that is not shown yet.
    func add(_ rows: [SharedRow], of hosts: [SharedHost], to copy: Int64) async throws

    /// Shows a copy from now on. The changes that led to the former one are forgotten.
    func show(_ copy: Int64, of hosts: [SharedHost], at place: FleetPlace) async throws

    /// Removes some rows of copies that are not shown. Returns whether there were any. None may be under way.
    func clearCopies() async throws -> Bool

    /// The asset of a content that the copy knows to be up, and not failed; nil if it knows none. `account`: the
    /// fleet's name.
    func assetInCopy(account: String, _ sha256: SHA256Digest, size: Int64) async throws -> SharedAsset?

    /// The copy as the source of the fleet's manifest.
    var manifestOfFleet: any ManifestSource { get }
}

/// Where a copy of the fleet's manifest stands.
package struct FleetPlace: Hashable, Sendable {
    /// Which fleet it is, by the identity in its database.
    package let fleet: String
    package let revision: Int64
    /// What tells the change of this revision from any other that could have its number, as after the database was put
    /// back from an older copy. Nil if the fleet had no such change any more.
    package let mark: String?

    package init(fleet: String, revision: Int64, mark: String?) {
        self.fleet = fleet
        self.revision = revision
        self.mark = mark
    }
}

/// A host of the fleet, by the name that it has now.
package struct SharedHost: Hashable, Sendable {
    package let host: HostID
    package let name: String
    /// Somebody has taken it out of the fleet. None of its entries is shown any more.
    package let isForgotten: Bool

    package init(_ host: HostID, name: String, isForgotten: Bool = false) {
        self.host = host
        self.name = name
        self.isForgotten = isForgotten
    }
}

/// What a host shows of one path.
package struct SharedRow: Hashable, Sendable {
    package let host: HostID
    package let path: FilePath
    /// With the fleet's revision.
    package let content: ManifestRow.Content
    /// The fleet's name of the account, if all hosts know the entry's asset as the one that its content has.
    package let account: String?

    package init(host: HostID, path: FilePath, content: ManifestRow.Content, account: String?) {
        self.host = host
        self.path = path
        self.content = content
        self.account = account
    }
}

/// A change that a host has told the fleet.
package struct SharedChange: Hashable, Sendable {
    package let revision: Int64
    package let event: ManifestChange.Event
    package let host: HostID
    package let path: FilePath
    package let movedFrom: FilePath?
    /// With the fleet's revision. Nil if the host was taken out of the fleet: what the path showed last.
    package let content: ManifestRow.Content?
    /// As ``SharedRow/account``.
    package let account: String?

    package init(
        revision: Int64,
        event: ManifestChange.Event,
        host: HostID,
        path: FilePath,
        movedFrom: FilePath? = nil,
        content: ManifestRow.Content?,
        account: String? = nil
    ) {
        self.revision = revision
        self.event = event
        self.host = host
        self.path = path
        self.movedFrom = movedFrom
        self.content = content
        self.account = account
    }

    /// Whether the path shows nothing any more.
    package func hides(_ content: ManifestRow.Content) -> Bool {
        if case .rejected = content { return event == .removed || event == .forgotten }
        return event == .forgotten
    }
}

extension ManifestRow.Content {
    /// The same under another revision.
    package func renumbered(_ revision: Int64) -> Self {
        switch self {
        case .entry(var entry):
            entry.revision = revision
            return .entry(entry)
        case .rejected(var rejection):
            rejection.revision = revision
            return .rejected(rejection)
        }
    }
}
