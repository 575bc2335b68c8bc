/// This host's place in its fleet, as it is now.
package struct FleetCondition: Hashable, Sendable {
    /// The name of this host.
    package var host: String
    /// Why the fleet cannot be asked, and since when; nil if it can.
    package var trouble: FleetClosure?
    /// How many hosts it has, those that are silent among them.
    package var hosts = 0
    /// The names of other hosts that show no sign of life.
    package var silent: [String] = []
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
