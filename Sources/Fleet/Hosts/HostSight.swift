import Pipeline

/// A host of the fleet as its row shows it at one look.
package struct HostSight: Hashable, Sendable {
    package let host: HostID
    /// For people. No two hosts that are not forgotten have the same.
    package let name: String
    /// Counts the host's starts.
    package let boot: Int64
    /// Counts the host's heartbeats.
    package let beat: Int64
    /// The last revision of the host's own ledger that the fleet has.
    package let published: Int64
    /// The last heartbeat, by the database's clock. For people: it decides nothing.
    package let seen: Timestamp
    /// How long ago that was, by the same clock. For people.
    package let seenAgo: Duration
    /// Whether somebody has taken the host out of the fleet. Its identity never comes back.
    package let isForgotten: Bool

    package init(
        host: HostID,
        name: String,
        boot: Int64,
        beat: Int64,
        published: Int64 = 0,
        seen: Timestamp = Timestamp(milliseconds: 0),
        seenAgo: Duration = .zero,
        isForgotten: Bool = false
    ) {
        self.host = host
        self.name = name
        self.boot = boot
        self.beat = beat
        self.published = published
        self.seen = seen
        self.seenAgo = seenAgo
        self.isForgotten = isForgotten
    }
}

extension HostSight {
    /// Columns of `outtray.hosts AS h`, in the order that ``init(_:)`` reads.
    static let columns = """
        h.host::text, h.name, h.boot, h.beat, h.published, (extract(epoch FROM h.seen) * 1000)::bigint, \
        (extract(epoch FROM clock_timestamp() - h.seen) * 1000)::bigint, h.forgotten IS NOT NULL
        """

    /// Reads ``columns``, which stand at the beginning of a row.
    init(_ row: Row) throws(PostgresError) {
        guard let text = try row.text(0), let host = HostID(text) else {
            throw PostgresError(.other, "a host of the fleet has no identity")
        }
        self.host = host
        name = try row.text(1) ?? ""
        boot = try row.integer(2) ?? 0
        beat = try row.integer(3) ?? 0
        published = try row.integer(4) ?? 0
        seen = Timestamp(milliseconds: try row.integer(5) ?? 0)
        seenAgo = .milliseconds(try row.integer(6) ?? 0)
        isForgotten = try row.boolean(7) ?? false
    }
}
