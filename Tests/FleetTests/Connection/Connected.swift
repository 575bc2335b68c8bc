import Logging
import Pipeline
import TestSupport
import Threads

@testable import Fleet

/// Tries again at once, so that no test waits.
let quickly = RetryPolicy(first: .milliseconds(20), longest: .milliseconds(20))

/// Says nothing.
let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Settings as a host of the fleet has them.
func settings(_ text: String, library: String = PostgresLibrary.usualName) throws -> PostgresSettings {
    try PostgresSettings(text, name: "ingest-1", library: PostgresLibrary.load(library))
}

/// A database of its own on the tests' server, and a connection that runs until `body` has ended.
func connected<Value: Sendable>(
    user: String = "admin",
    channels: [String] = [],
    onNotification: @escaping @Sendable (PostgresNotification) -> Void = { _ in },
    _ body: @escaping @Sendable (PostgresConnection) async throws -> Value
) async throws -> Value {
    let text = try await PostgresServer.shared().database(user: user)
    return try await connected(
        to: try settings(text),
        channels: channels,
        onNotification: onNotification
    ) { connection in
        _ = try await connection.connections(after: 0)
        return try await body(connection)
    }
}

/// A connection that runs until `body` has ended. It may not be there yet when `body` begins.
func connected<Value: Sendable>(
    to settings: PostgresSettings,
    channels: [String] = [],
    onNotification: @escaping @Sendable (PostgresNotification) -> Void = { _ in },
    _ body: @escaping @Sendable (PostgresConnection) async throws -> Value
) async throws -> Value {
    let connection = try PostgresConnection(
        settings,
        channels: channels,
        retries: quickly,
        logger: quiet,
        onNotification: onNotification
    )
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            await connection.run()
            return nil
        }
        defer { group.cancelAll() }
        group.addTask { try await body(connection) }
        while let value = try await group.next() {
            if let value { return value }
        }
        throw CancellationError()
    }
}

/// The error of a connection that cannot be made.
func refusal(_ settings: PostgresSettings) async throws -> PostgresError {
    try await connected(to: settings) { connection in
        while true {
            if case .away(let error, _) = connection.standing { return error }
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}

/// The error that statements end with. Nil if they succeed.
func failure(_ database: some PostgresDatabase, _ statements: [Statement]) async -> PostgresError? {
    do throws(PostgresError) {
        _ = try await database.run(statements)
        return nil
    } catch {
        return error
    }
}
