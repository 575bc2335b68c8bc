import GRDBSQLite

/// The values that a statement binds, in the order of its marks. Nil is NULL.
struct Bindings: ExpressibleByArrayLiteral, Sendable {
    private var values: [(any Bindable)?]

    init(arrayLiteral values: (any Bindable)?...) {
        self.values = values
    }

    init(_ values: [(any Bindable)?]) {
        self.values = values
    }

    static func + (left: Self, right: Self) -> Self { Self(left.values + right.values) }

    static func += (left: inout Self, right: Self) {
        left.values += right.values
    }

    /// Binds all values. Returns SQLite's result code: the first that is not SQLITE_OK.
    func bind(to statement: OpaquePointer) -> Int32 {
        // A mark without a value would keep the one of the last run.
        if values.count != Int(sqlite3_bind_parameter_count(statement)) { return SQLITE_RANGE }
        var index: Int32 = 0
        for value in values {
            index += 1
            let result = value?.bind(to: statement, at: index) ?? sqlite3_bind_null(statement, index)
            if result != SQLITE_OK { return result }
        }
        return SQLITE_OK
    }
}

extension Array {
    /// The values for a list of marks, with the last one repeated up to a power of two.
    ///
    /// Each length of a list is a statement of its own, and a connection keeps its statements. So there are few.
    var padded: [Element] {
        guard let last else { return [] }
        var length = 1
        while length < count { length *= 2 }
        return self + Array(repeating: last, count: length - count)
    }
}

/// A value that a statement can bind.
protocol Bindable: Sendable {
    /// Binds the value to the statement's mark, counted from 1. Returns SQLite's result code.
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32
}

/// Tells SQLite to copy what is bound.
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension Int64: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 { sqlite3_bind_int64(statement, index, self) }
}

extension Int: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        sqlite3_bind_int64(statement, index, Int64(self))
    }
}

extension Bool: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        sqlite3_bind_int64(statement, index, self ? 1 : 0)
    }
}

extension String: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        var text = self
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // An empty text has no address, and a null pointer would bind NULL.
                guard let start = characters.baseAddress else {
                    return sqlite3_bind_text(statement, index, "", 0, copied)
                }
                return sqlite3_bind_text(statement, index, start, Int32(characters.count), copied)
            }
        }
    }
}

/// A blob.
extension [UInt8]: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress, !bytes.isEmpty else {
                return sqlite3_bind_zeroblob(statement, index, 0)
            }
            return sqlite3_bind_blob(statement, index, start, Int32(bytes.count), copied)
        }
    }
}
