/// What the service may do with a table. An owner has more; a role for the service needs no more.
struct TableRights: Sendable {
    let table: String
    let rights: [String]

    /// Of all tables. Rows are only deleted where nothing is lost by it.
    static let all = [
        TableRights(table: "fleet", rights: ["SELECT", "UPDATE"]),
        TableRights(table: "hosts", rights: ["SELECT", "INSERT", "UPDATE"]),
        TableRights(table: "accounts", rights: ["SELECT", "INSERT", "UPDATE"]),
        TableRights(table: "contents", rights: ["SELECT", "INSERT", "UPDATE"]),
        TableRights(table: "duplicates", rights: ["SELECT", "INSERT", "UPDATE"]),
        TableRights(table: "entries", rights: ["SELECT", "INSERT", "UPDATE", "DELETE"]),
        TableRights(table: "changes", rights: ["SELECT", "INSERT", "UPDATE", "DELETE"]),
        TableRights(table: "paces", rights: ["SELECT", "INSERT", "UPDATE"]),
        TableRights(table: "calls", rights: ["SELECT", "INSERT", "UPDATE", "DELETE"]),
    ]

    /// The statements that give a role these rights. They may be repeated.
    static func granting(to role: String) -> [Statement] {
        let name = quoted(role)
        let tables = all.map { "GRANT \($0.rights.joined(separator: ", ")) ON outtray.\($0.table) TO \(name)" }
        return (["GRANT USAGE ON SCHEMA outtray TO \(name)"] + tables).map { Statement($0) }
    }

    /// Asks which of these rights the connection's role lacks, a row a table: its name, and the rights. No row: none.
    static var missing: Statement {
        let pairs = all.flatMap { table in table.rights.map { (table.table, $0) } }
        return Statement(
            """
            SELECT r.name, string_agg(r.wanted, ', ' ORDER BY r.place)
            FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS r (name, wanted, place)
            LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'outtray'
            LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = r.name AND c.relkind IN ('r', 'p')
            WHERE c.oid IS NULL OR NOT has_table_privilege(c.oid, r.wanted)
            GROUP BY r.name ORDER BY min(r.place)
            """,
            [.texts(pairs.map(\.0)), .texts(pairs.map(\.1))]
        )
    }

    /// A name as SQL takes it, whatever its characters. A name without a null character is assumed: PostgreSQL has no
    /// other.
    static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
