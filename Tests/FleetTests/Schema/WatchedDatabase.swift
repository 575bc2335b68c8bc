import Fleet

/// A database whose transactions a test sees, and may keep from being run or from being answered.
struct WatchedDatabase: PostgresDatabase {
    let database: any PostgresDatabase
    /// Gets each transaction's statements, and what runs them.
    let around: @Sendable ([Statement], _ run: () async throws -> [Answer]) async throws -> [Answer]

    func run(_ statements: [Statement]) async throws(PostgresError) -> [Answer] {
        do {
            return try await around(statements) { try await database.run(statements) }
        } catch let error as PostgresError {
            throw error
        } catch {
            throw PostgresError(.other, "\(error)")
        }
    }
}

extension [Statement] {
    /// Whether one of them has this text.
    func have(_ text: String) -> Bool { contains { $0.sql.contains(text) } }
}
