import GRDB
import GRDBSQLite

/// A query for the one row of a blob, asked many times: prepared once, and neither the blob nor the row is copied.
///
/// For a scan, which asks for a million paths.
struct Lookup {
    private let database: Database
    private let statement: OpaquePointer
    /// Keeps the statement alive.
    private let owner: Statement

    /// The query has one mark, for the blob.
    init(_ sql: String, in database: Database) throws {
        self.database = database
        owner = try database.cachedStatement(sql: sql)
        statement = owner.sqliteStatement
    }

    /// Hands the blob's row to `body`; nil if there is none.
    func first<Value>(_ blob: UnsafeRawBufferPointer, _ body: (CurrentRow) -> Value) throws -> Value? {
        defer {
            sqlite3_reset(statement)
            // The bytes are not ours to keep.
            sqlite3_clear_bindings(statement)
        }
        let bound = sqlite3_bind_blob(statement, 1, blob.baseAddress, Int32(blob.count), nil)
        guard bound == SQLITE_OK else { throw database.error(bound) }
        switch sqlite3_step(statement) {
        case SQLITE_DONE: return nil
        case SQLITE_ROW: return body(CurrentRow(statement))
        case let code: throw database.error(code)
        }
    }
}

/// The row that a statement stands at, read in place. Valid until the next step.
struct CurrentRow {
    private let statement: OpaquePointer

    init(_ statement: OpaquePointer) {
        self.statement = statement
    }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    func blob(_ column: Int32) -> [UInt8] {
        let start = sqlite3_column_blob(statement, column)
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }
}
