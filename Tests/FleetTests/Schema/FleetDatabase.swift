import Fleet
import Pipeline
import TestSupport

/// Does some work with a connection to a database of the shared server.
func withFleetDatabase<Value: Sendable>(
    _ conninfo: String,
    _ work: @escaping @Sendable (PostgresConnection) async throws -> Value
) async throws -> Value {
    try await connected(to: try settings(conninfo)) { connection in
        _ = try await connection.connections(after: 0)
        return try await work(connection)
    }
}

/// Does some work with a new fleet.
func withNewFleet<Value: Sendable>(
    _ work: @escaping @Sendable (PostgresConnection) async throws -> Value
) async throws -> Value {
    try await connected { database in
        _ = try await FleetSchema().make(in: database)
        return try await work(database)
    }
}

/// The error of a kind that some work throws; nil if it throws none.
func thrown<Failure: Error>(_: Failure.Type, by work: () async throws -> Void) async throws -> Failure? {
    do {
        try await work()
        return nil
    } catch let error as Failure {
        return error
    }
}
