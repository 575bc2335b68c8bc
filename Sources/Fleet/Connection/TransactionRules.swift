import Pipeline

/// What holds in each of our transactions, whatever the server, the database or the role have by default.
///
/// The transaction's first statement sets these rules, and they end with the transaction. So nothing depends on the
/// state of a session, and a pooler such as pgbouncer may give each transaction another session.
struct TransactionRules {
    /// One statement without parameters.
    let sql: String

    init(_ settings: PostgresSettings) {
        let rules = [
            ("statement_timeout", "\(settings.statementTimeout.milliseconds)"),
            ("lock_timeout", "\(settings.lockTimeout.milliseconds)"),
            // Our names are written with their schema. Functions and operators are PostgreSQL's own, and nobody can put
            // others in their place.
            ("search_path", "pg_catalog, pg_temp"),
            ("bytea_output", "hex"),
            ("DateStyle", "ISO, YMD"),
            ("TimeZone", "UTC"),
        ]
        let calls = rules.map { "pg_catalog.set_config('\($0.0)', '\($0.1)', true)" }
        sql = "SELECT \(calls.joined(separator: ", "))"
    }
}
