import Pipeline

/// Whether the fleet's database can be reached.
package enum PostgresStanding: Hashable, Sendable {
    /// The first connection is being made, or nobody makes one yet.
    case connecting
    case reachable(since: Timestamp)
    /// The connection cannot be made, or was lost. The error is the last one; the time is that of the first.
    case away(PostgresError, since: Timestamp)

    package var isReachable: Bool {
        if case .reachable = self { true } else { false }
    }
}

/// What another host told with NOTIFY. It only says that it is worth a look, and may be missed.
package struct PostgresNotification: Hashable, Sendable {
    package let channel: String
    package let payload: String
}
