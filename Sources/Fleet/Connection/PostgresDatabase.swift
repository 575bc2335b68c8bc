/// A database that runs statements. ``PostgresConnection`` is one.
package protocol PostgresDatabase: Sendable {
    /// Runs statements in one transaction: all or none.
    ///
    /// The transaction is one without BEGIN and COMMIT, so statements that need a BEGIN are refused (LOCK TABLE,
    /// SAVEPOINT). A row is locked by SELECT … FOR UPDATE, anything else by pg_advisory_xact_lock.
    ///
    /// - Returns: an answer for each statement, in their order. The transaction is committed then.
    /// - Throws: the error of the first statement that failed. Nothing of the transaction stays then, but for
    ///   `.unreachable` and `.cancelled`: then the outcome is not known. So every caller's statements must be such that
    ///   they may be repeated.
    func run(_ statements: [Statement]) async throws(PostgresError) -> [Answer]
}

extension PostgresDatabase {
    /// Runs one statement in a transaction of its own.
    package func run(_ sql: String, _ parameters: [Parameter] = []) async throws(PostgresError) -> Answer {
        let answers = try await run([Statement(sql, parameters)])
        guard let answer = answers.first, answers.count == 1 else {
            throw PostgresError(.other, "one statement got \(answers.count) answers")
        }
        return answer
    }
}
