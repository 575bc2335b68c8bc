import GRDBSQLite

/// One row of a query's result. The columns are read by their place, as the types that the caller names.
///
/// NULL is nil. Where the caller's type has no nil, NULL reads as 0 or empty. No column that is read so can be NULL.
struct StoredRow {
    private let values: [StoredValue]

    /// Copies the row that the statement stands at.
    init(_ statement: OpaquePointer) {
        values = (0..<sqlite3_column_count(statement)).map { StoredValue(statement, at: $0) }
    }

    subscript<Value: Readable>(_ column: Int) -> Value { Value(values[column]) }

    subscript<Value: Readable>(_ column: Int) -> Value? {
        if case .null = values[column] { return nil }
        return Value(values[column])
    }

    subscript(_ column: Int) -> StoredValue { values[column] }
}

/// A value as SQLite keeps it. The ledger's tables are STRICT and have no real numbers.
enum StoredValue {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    fileprivate init(_ statement: OpaquePointer, at column: Int32) {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_NULL: self = .null
        case SQLITE_TEXT:
            let start = sqlite3_column_text(statement, column)
            let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
            self = .text(String(decoding: bytes, as: UTF8.self))
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(statement, column)
            let bytes = UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
            self = .blob([UInt8](bytes))
        default: self = .integer(sqlite3_column_int64(statement, column))
        }
    }
}

/// A type that a column can be read as.
protocol Readable {
    init(_ value: StoredValue)
}

extension Int64: Readable {
    init(_ value: StoredValue) {
        self = if case .integer(let number) = value { number } else { 0 }
    }
}

extension Int: Readable {
    init(_ value: StoredValue) {
        self = Int(Int64(value))
    }
}

extension Bool: Readable {
    init(_ value: StoredValue) {
        self = Int64(value) != 0
    }
}

extension String: Readable {
    init(_ value: StoredValue) {
        self = if case .text(let text) = value { text } else { "" }
    }
}

extension [UInt8]: Readable {
    init(_ value: StoredValue) {
        self = if case .blob(let bytes) = value { bytes } else { [] }
    }
}
