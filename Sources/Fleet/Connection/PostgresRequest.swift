import Threads

/// Statements of one transaction, on their way to the server, and the caller who waits for their answers.
struct PostgresRequest: Sendable {
    /// A statement with its parameters in the text format.
    struct Encoded: Sendable {
        let sql: String
        let values: [String?]

        /// The most parameters of one statement, by PostgreSQL's protocol.
        private static let mostParameters = 65_535

        init(_ statement: Statement) throws(PostgresError) {
            guard statement.parameters.count <= Self.mostParameters else {
                throw PostgresError(.other, "a statement has more than \(Self.mostParameters) parameters")
            }
            sql = statement.sql
            values = try statement.parameters.map { parameter throws(PostgresError) in try parameter.encoded }
        }
    }

    let statements: [Encoded]
    let promise = Promise<[Answer]>()

    init(_ statements: [Statement]) throws(PostgresError) {
        self.statements = try statements.map { statement throws(PostgresError) in try Encoded(statement) }
    }

    /// Waits for the answers. Throws `.cancelled` if the caller's task is cancelled first.
    func answers() async throws(PostgresError) -> [Answer] {
        do {
            return try await promise.value()
        } catch let error as PostgresError {
            throw error
        } catch {
            throw PostgresError(.cancelled, "nobody waits any more for the database's answer")
        }
    }
}
