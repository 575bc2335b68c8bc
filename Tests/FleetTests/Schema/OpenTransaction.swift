import Fleet
import TestSupport
import Threads

/// A connection whose transactions stand still before their commit, as long as ``whileOpen(_:beside:_:look:)`` says so.
struct LateCommit: PostgresDatabase {
    static let key = 1

    let database: PostgresConnection

    func run(_ statements: [Statement]) async throws(PostgresError) -> [Answer] {
        try await database.run(statements + [Statement("SELECT pg_advisory_xact_lock(\(Self.key))")]).dropLast()
    }
}

/// Begins `first`, whose transaction stands open before its commit. Then begins `second`, which waits for that
/// transaction, or is done without it. Looks, and lets both go on. Returns what was seen, and what `second` came to.
///
/// `watcher` is a connection that neither of them uses.
func whileOpen<Seen: Sendable, Value: Sendable>(
    _ first: @escaping @Sendable () async throws -> Void,
    beside watcher: PostgresConnection,
    _ second: @escaping @Sendable () async throws -> Value,
    look: () async throws -> Seen
) async throws -> (seen: Seen, value: Value) {
    let (opened, done) = (Promise<Void>(), Promise<Value>())
    _ = try await watcher.run("SELECT pg_advisory_lock(\(LateCommit.key))")
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await keep(first, opened) }
        try await untilSo { try await blocked(watcher) == 1 || opened.given != nil }
        group.addTask { await keep(second, done) }
        try await untilSo { try await blocked(watcher) == 2 || done.given != nil }
        let seen = try await look()
        _ = try await watcher.run("SELECT pg_advisory_unlock(\(LateCommit.key))")
        try await opened.value()
        return (seen, try await done.value())
    }
}

/// The same without a look.
func whileOpen<Value: Sendable>(
    _ first: @escaping @Sendable () async throws -> Void,
    beside watcher: PostgresConnection,
    _ second: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await whileOpen(first, beside: watcher, second, look: {}).value
}

private func keep<Value: Sendable>(_ work: () async throws -> Value, _ promise: Promise<Value>) async {
    do {
        promise.give(.success(try await work()))
    } catch {
        promise.give(.failure(error))
    }
}

/// How many transactions of the database wait for another one.
private func blocked(_ watcher: PostgresConnection) async throws -> Int64? {
    try await watcher.run(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    ).rows.first?.integer(0)
}
