/// This host's place in its fleet, as it is now.
package struct FleetCondition: Hashable, Sendable {
    /// A host of the fleet, this one too.
    package struct Member: Hashable, Sendable {
        package let name: String
        /// When it was seen last, by the database's clock, if it shows no sign of life; nil if it does.
        package let silentSince: Timestamp?

        package init(_ name: String, silentSince: Timestamp? = nil) {
            self.name = name
            self.silentSince = silentSince
        }
    }

    /// The name of this host.
    package var host: String
    /// Why the fleet cannot be asked, and since when; nil if it can.
    package var trouble: FleetClosure?
    /// Its hosts, as of the last look.
    package var members: [Member] = []
    /// The last revision of this host that the fleet has; nil if it is not known.
    package var published: Int64?
    /// Files of this host whose bytes another host had brought up, since the start.
    package var adopted: Int64 = 0
    /// Claims that this host has taken over from silent hosts, since the start.
    package var takeovers: Int64 = 0
    /// Assets of this host that are surplus, since the start: another host had brought the same bytes up.
    package var duplicates: Int64 = 0

    package init(host: String) {
        self.host = host
    }
}
