import GRDB
import GRDBSQLite

/// How the ledger runs its statements: prepared once for each connection, bound and stepped by SQLite's own functions.
///
/// An upload takes dozens of statements, and each is short. GRDB's arguments and rows took longer than SQLite itself.
extension Database {
    /// Runs one statement.
    func run(_ sql: String, _ bindings: Bindings = []) throws {
        try step(sql, bindings) { _ in false }
    }

    /// All rows of one query.
    func rows(_ sql: String, _ bindings: Bindings = []) throws -> [StoredRow] {
        var rows: [StoredRow] = []
        try step(sql, bindings) { statement in
            rows.append(StoredRow(statement))
            return true
        }
        return rows
    }

    /// The first row of one query.
    func row(_ sql: String, _ bindings: Bindings = []) throws -> StoredRow? {
        var row: StoredRow?
        try step(sql, bindings) { statement in
            row = StoredRow(statement)
            return false
        }
        return row
    }

    /// Hands the rows of one query to `body`, one at a time, until it returns false. None is kept.
    func eachRow(_ sql: String, _ bindings: Bindings = [], _ body: (StoredRow) throws -> Bool) throws {
        try step(sql, bindings) { try body(StoredRow($0)) }
    }

    /// The same, but hands over each row in place, without a copy.
    func eachCurrentRow(_ sql: String, _ bindings: Bindings = [], _ body: (CurrentRow) throws -> Bool) throws {
        try step(sql, bindings) { try body(CurrentRow($0)) }
    }

    /// Hands rows to `body` until it returns false: those of the paths that begin with these bytes and go on without a
    /// slash. A directory of such a name is skipped as a whole, so that files beneath it cost nothing.
    ///
    /// The query is in the order of its paths, with `path >= ?2 AND path < ?3`. It gives first
    /// `instr(substr(path, ?1), x'2F')`, which is 0 but in a directory, and then the path. So most paths need not leave
    /// SQLite.
    func eachRow(_ sql: String, beginningWith stem: [UInt8], _ body: (StoredRow) throws -> Bool) throws {
        // The byte that follows the last one: behind all that begins so. No last byte here is 0xFF.
        let end = Array(stem.dropLast()) + [(stem.last ?? 0) + 1]
        var start: [UInt8]? = stem
        while let first = start {
            start = nil
            try eachRow(sql, [stem.count + 1, first, end]) { row in
                let place: Int = row[0]
                if place > 0 {
                    // The byte that follows the slash: behind all paths of this directory.
                    start = (row[1] as [UInt8]).prefix(stem.count + place - 1) + [UInt8(ascii: "/") + 1]
                    return false
                }
                return try body(row)
            }
        }
    }

    /// Counts up and returns the new value.
    func next(_ counter: String) throws -> Int64 {
        try row("UPDATE counters SET value = value + 1 WHERE name = ? RETURNING value", [counter])?[0] ?? 0
    }

    func value(of counter: String) throws -> Int64 {
        try row("SELECT value FROM counters WHERE name = ?", [counter])?[0] ?? 0
    }

    /// Steps through one statement until its end, or until `body` returns false at a row.
    private func step(_ sql: String, _ bindings: Bindings, _ body: (OpaquePointer) throws -> Bool) throws {
        let statement = try cachedStatement(sql: sql).sqliteStatement
        defer { sqlite3_reset(statement) }
        let bound = bindings.bind(to: statement)
        guard bound == SQLITE_OK else { throw error(bound) }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_DONE: return
            case SQLITE_ROW: if try !body(statement) { return }
            case let code: throw error(code)
            }
        }
    }

    /// SQLite's own words for its last error. The statement's values stay out of it: they may hold pre-signed URLs.
    func error(_ code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code),
            message: sqliteConnection.map { String(cString: sqlite3_errmsg($0)) }
        )
    }
}
